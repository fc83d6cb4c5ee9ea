import { Adviser } from '../control/adviser.js';
import type { Controller } from '../control/controller.js';
import { LEASES, withinLease } from '../control/lease.js';
import { MENDED_ADVISER } from '../control/mended-adviser.js';
import { PidController } from '../control/pid.js';
import { TUNED_PID } from '../control/tuned-gains.generated.js';
import type { Command, CoverContext, FinishedCover, LineActType, StitchSignals } from '../line/signals.js';
import { prior } from '../priors.js';

/** What a site grants for one cover: 0..1 of the steering lease's bounds, and cN beside the set point on the knob. */
export interface Leave {
  readonly steering: number;
  readonly trim: number;
}

export const NO_LEAVE: Leave = { steering: 0, trim: 0 };

/** cN that a trim may be at most; the machine holds it whatever is written. */
export const LARGEST_TRIM = 40;

const NOMINAL = prior('needleTension');

/**
 * The machine's own controller: the incumbent, with the adviser as inner loop inside the leave of a site. Without a leave,
 * before the adviser knows the machine, and at every safety part the incumbent is alone, bit for bit.
 */
export class LeaveController implements Controller {
  readonly #incumbent = new PidController(TUNED_PID);
  readonly #adviser: Adviser;
  readonly #wanted: Command = { curvature: 0, logTension: 0 };
  #leave: Leave = NO_LEAVE;
  #steered = 0;
  #shift = 0;
  #knob = 0;
  #last: StitchSignals | null = null;
  /** Whether the adviser would have steered the way that a person went who laid the cover anew; null: nobody did. */
  agreedSteering: boolean | null = null;
  /** The same for a turn of the knob. */
  agreedTension: boolean | null = null;

  constructor(stitches: number) {
    this.#adviser = new Adviser(MENDED_ADVISER, stitches);
  }

  get ready(): boolean {
    return this.#adviser.ready;
  }

  /** In force at this cover. */
  get leave(): Leave {
    return this.#leave;
  }

  /** cN beside the knob that the adviser would set for the next cover. */
  get proposedTrim(): number {
    const trim = NOMINAL * (Math.exp(this.#knob + this.#adviser.setPointShift) - Math.exp(this.#knob));
    return Math.min(LARGEST_TRIM, Math.max(-LARGEST_TRIM, trim));
  }

  /** Takes what was granted for the next cover. Call it before `startCover`. */
  grant(leave: Leave): void {
    this.#leave = leave;
  }

  plan(next: CoverContext) {
    return this.#leave.steering > 0 && this.ready && !next.safety
      ? this.#adviser.plan(next)
      : this.#incumbent.plan(next);
  }

  startCover(context: CoverContext): void {
    if (context.safety || !this.ready) this.#leave = NO_LEAVE;
    this.#steered = 0;
    this.#knob = context.knob;
    this.agreedSteering = null;
    this.agreedTension = null;
    this.#incumbent.startCover();
    this.#adviser.startCover(context, this.#leave.steering > 0 || this.#leave.trim !== 0);
    const { trim } = this.#leave;
    const asked = Math.log(Math.max(1, NOMINAL * Math.exp(context.knob) + trim) / NOMINAL);
    const { distance } = withinLease(
      // Between covers a set point is simply set.
      { ...LEASES.tension, ratePerStitch: LEASES.tension.bound },
      { incumbent: context.knob, proposed: asked, distance: 0, share: trim === 0 ? 0 : 1 },
    );
    this.#shift = distance;
  }

  step(signals: StitchSignals, out: Command): boolean {
    this.#last = signals;
    this.#knob = signals.knob;
    this.#adviser.step(signals);
    this.#incumbent.setPointShift = this.#shift;
    this.#incumbent.step(signals, this.#wanted);
    out.logTension = this.#wanted.logTension;
    out.curvature = this.#wanted.curvature;
    const { steering } = this.#leave;
    if (steering > 0) {
      const { value, distance } = withinLease(LEASES.steering, {
        incumbent: this.#wanted.curvature,
        proposed: this.#adviser.curvature,
        distance: this.#steered,
        share: steering,
      });
      this.#steered = distance;
      out.curvature = value;
    }
    return true;
  }

  acted(type: LineActType): void {
    const { curvature } = this.#adviser;
    const offset = this.#last?.offset ?? Number.NaN;
    if (type === 'realign' && this.ready && !Number.isNaN(offset))
      this.agreedSteering = curvature * offset > 0;
    this.#incumbent.acted(type);
    this.#adviser.acted(type);
    if (type === 'tension' && this.ready) this.agreedTension = this.#turned();
  }

  endCover(finished: FinishedCover): void {
    this.#incumbent.endCover(finished);
    this.#adviser.endCover(finished);
  }

  /** The person turned towards where the adviser stood: the shift that it proposed has the sign of the turn. */
  #turned(): boolean {
    const now = this.#last?.knob ?? 0;
    return (now - this.#knob) * this.#adviser.shiftAtTurn > 0;
  }
}
