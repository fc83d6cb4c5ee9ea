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
import type { CorrectionsGate, Shares } from './corrections-gate.js';
import { LEASES, withinLease } from './lease.js';
import { PidController, type PidGains } from './pid.js';

const NONE: Shares = { steering: 0, tension: 0 };
const FULL: Shares = { steering: 1, tension: 1 };

/**
 * The incumbent with an adviser beside it: per cover and setting a share of the lease's bounds decides how far the
 * adviser may move steering and tension away from the incumbent. Without a share the incumbent is alone, bit for bit.
 */
export class CorrectedController implements Controller {
  readonly adviser: Adviser;
  readonly #incumbent: PidController;
  readonly #gate: CorrectionsGate | null;
  readonly #wanted: Command = { curvature: 0, logTension: 0 };
  #shares: Shares = NONE;
  #steering = 0;
  #tension = 0;
  #safety = false;
  /** Stitches at safety parts whose command differed from the incumbent's: must stay 0. */
  touchedSafety = 0;
  /** Covers sewn with a share above 0 of any setting. */
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

  /**
   * Changes foreseen by the adviser are a correction too: only where the gate is open. Before a safety part, which
   * nobody corrects, the incumbent's own changes stand beside them: its threads need the fuller bobbin.
   */
  plan(next: CoverContext): PlannedWork {
    const open = this.#gate === null ? this.adviser.ready : this.#gate.state === 'open';
    const foreseen = this.adviser.plan(next);
    const usual = this.#incumbent.plan(next);
    if (!open) return usual;
    return next.safety
      ? { bobbin: foreseen.bobbin || usual.bobbin, needle: foreseen.needle || usual.needle }
      : foreseen;
  }

  startCover(context: CoverContext): void {
    const { ready } = this.adviser;
    if (this.#gate !== null) this.#shares = this.#gate.sharesFor(context, ready);
    else this.#shares = ready && !context.safety ? FULL : NONE;
    const { steering, tension } = this.#shares;
    if (steering > 0 || tension > 0) this.applied++;
    this.#safety = context.safety;
    this.#steering = 0;
    // Between covers a set point is simply set; the rate limits it while sewing.
    if (tension === 0) this.#tension = 0;
    this.#incumbent.startCover();
    this.adviser.startCover(context, tension > 0);
  }

  step(signals: StitchSignals, out: Command): boolean {
    const { adviser } = this;
    adviser.step(signals);
    const shares = this.#shares;
    if (shares.tension > 0) {
      const tension = withinLease(LEASES.tension, {
        incumbent: signals.knob,
        proposed: signals.knob + adviser.setPointShift,
        distance: this.#tension,
        share: shares.tension,
      });
      this.#tension = tension.distance;
      this.#incumbent.setPointShift = tension.value - signals.knob;
    } else this.#incumbent.setPointShift = 0;
    this.#incumbent.step(signals, this.#wanted);
    out.logTension = this.#wanted.logTension;
    out.curvature = this.#wanted.curvature;
    if (shares.steering > 0) {
      const steering = withinLease(LEASES.steering, {
        incumbent: this.#wanted.curvature,
        proposed: adviser.curvature,
        distance: this.#steering,
        share: shares.steering,
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
    // The incumbent's trim answers for the covers that it steered itself: another's seam would teach it a false one.
    if (this.#shares.steering === 0) this.#incumbent.endCover(finished);
    this.adviser.endCover(finished);
    const { shiftAtTurn, lockOff } = this.adviser;
    this.#gate?.finished(finished, { shares: this.#shares, shiftAtTurn, lockOff });
  }
}
