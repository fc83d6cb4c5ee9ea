import type {
  Command,
  CoverContext,
  FinishedCover,
  LineActType,
  PlannedWork,
  StitchSignals,
} from '../line/signals.js';
import { Adviser, type AdviserGains } from './adviser.js';
import type { Controller } from './controller.js';
import type { CorrectionsGate } from './corrections-gate.js';
import { LEASES, withinLease } from './lease.js';
import { PidController, type PidGains } from './pid.js';

/**
 * The incumbent with an adviser beside it: per cover a share of the leases' bounds decides how far the adviser may move
 * steering and tension away from the incumbent. Without a share the incumbent is alone, bit for bit.
 */
export class CorrectedController implements Controller {
  readonly adviser: Adviser;
  readonly #incumbent: PidController;
  readonly #gate: CorrectionsGate | null;
  readonly #wanted: Command = { curvature: 0, logTension: 0 };
  #share = 0;
  #steering = 0;
  #tension = 0;
  #safety = false;
  /** Stitches at safety parts whose command differed from the incumbent's: must stay 0. */
  touchedSafety = 0;
  /** Covers sewn with a share above 0. */
  applied = 0;

  /** @param gate null = the adviser always acts where it is ready, with full bounds (never on a safety part). */
  constructor(options: {
    readonly pid: PidGains;
    readonly adviser: AdviserGains;
    readonly gate: CorrectionsGate | null;
    readonly stitches: number;
  }) {
    this.#incumbent = new PidController(options.pid);
    this.adviser = new Adviser(options.adviser, options.stitches);
    this.#gate = options.gate;
  }

  /** Changes foreseen by the adviser are a correction too: only where the gate is open. */
  plan(next: CoverContext): PlannedWork {
    const open = this.#gate === null ? this.adviser.ready : this.#gate.state === 'open';
    const foreseen = this.adviser.plan(next);
    return open ? foreseen : this.#incumbent.plan(next);
  }

  startCover(context: CoverContext): void {
    const { ready } = this.adviser;
    if (this.#gate !== null) this.#share = this.#gate.shareFor(context, ready);
    else this.#share = ready && !context.safety ? 1 : 0;
    if (this.#share > 0) this.applied++;
    this.#safety = context.safety;
    this.#steering = 0;
    // Between covers a set point is simply set; the rate limits it while sewing.
    if (this.#share === 0) this.#tension = 0;
    this.#incumbent.startCover();
    this.adviser.startCover(context, this.#share > 0);
  }

  step(signals: StitchSignals, out: Command): boolean {
    const { adviser } = this;
    adviser.step(signals);
    const share = this.#share;
    if (share > 0) {
      const tension = withinLease(LEASES.tension, {
        incumbent: signals.knob,
        proposed: signals.knob + adviser.setPointShift,
        distance: this.#tension,
        share,
      });
      this.#tension = tension.distance;
      this.#incumbent.setPointShift = tension.value - signals.knob;
    } else this.#incumbent.setPointShift = 0;
    this.#incumbent.step(signals, this.#wanted);
    out.logTension = this.#wanted.logTension;
    out.curvature = this.#wanted.curvature;
    if (share > 0) {
      const steering = withinLease(LEASES.steering, {
        incumbent: this.#wanted.curvature,
        proposed: adviser.curvature,
        distance: this.#steering,
        share,
      });
      this.#steering = steering.distance;
      out.curvature = steering.value;
    }
    if (this.#safety && (out.curvature !== this.#wanted.curvature || this.#incumbent.setPointShift !== 0))
      this.touchedSafety++;
    return true;
  }

  acted(type: LineActType): void {
    this.#incumbent.acted(type);
    this.adviser.acted(type);
  }

  endCover(finished: FinishedCover): void {
    this.#incumbent.endCover(finished);
    this.adviser.endCover(finished);
    this.#gate?.finished(finished, { share: this.#share, shiftAtTurn: this.adviser.shiftAtTurn });
  }
}
