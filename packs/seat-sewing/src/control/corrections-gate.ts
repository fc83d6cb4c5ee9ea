import { split } from '../line/counter-random.js';
import type { LineLabel } from '../line/seam-truth.js';
import type { CoverContext, FinishedCover, LineActType } from '../line/signals.js';
import type { CorrectionsPlan } from './corrections-plan.js';
import { type CorrectionsState, SettingGate, type SettingTransition } from './setting-gate.js';

export const SETTINGS = ['steering', 'tension'] as const;
/** The two settings that a machine's corrections move, each under its own lease and gate. */
export type Setting = (typeof SETTINGS)[number];

/** Share of each lease's bounds for a cover. */
export type Shares = Readonly<Record<Setting, number>>;

const NONE: Shares = { steering: 0, tension: 0 };

/** One step of a setting's gate, at which cover of the machine, and why. */
export interface CorrectionsTransition extends SettingTransition {
  readonly setting: Setting;
}

/** Where the threads lock in a finished seam, as feelers measured it: share of thickness off the middle, by stretches. */
export type LockOff = readonly number[];

/** What each setting can leave wrong, and the act that it can spare. */
const REACHED: Readonly<
  Record<Setting, { readonly labels: ReadonlySet<LineLabel | null>; readonly act: LineActType }>
> = {
  steering: { labels: new Set<LineLabel | null>(['off-line', 'pucker']), act: 'realign' },
  tension: { labels: new Set<LineLabel | null>(['loose', 'tight']), act: 'tension' },
};

/**
 * Loss of a cover for one setting: mean square of what was measured along the seam in units of its tolerance, each at
 * most 1, and one more for each act that the setting can spare and for a seam that has to be sewn anew because of it.
 * Measured at every cover, so that a pair is seldom a tie; skips, breaks and bobbins would only be noise here.
 */
export function settingLoss(
  setting: Setting,
  measured: ArrayLike<number>,
  tolerance: number,
  { acts, verdict }: FinishedCover,
) {
  let squares = 0;
  let off = 0;
  for (let i = 0; i < measured.length; i++) {
    const x = Math.abs(measured[i]!) / tolerance;
    squares += Math.min(1, x * x);
    off = Math.max(off, x);
  }
  const { labels, act } = REACHED[setting];
  const resewn = labels.has(verdict) ? 1 : 0;
  const own = acts.reduce((n, { type }) => n + (type === act || type === 'stop' ? 1 : 0), 0) + resewn;
  // A person who called the seam bad saw more than the pictures and feelers did.
  return {
    loss: own + squares / Math.max(1, measured.length),
    own,
    off: resewn > 0 ? Math.max(off, 1.01) : off,
  };
}

/** mm off the line from which a picture counts as close to trouble. */
const CLOSE = 0.45;

/**
 * Loss of a cover in what corrections can reach, both settings in one number, where no feeler is at hand: acts, one more
 * for a seam that has to be sewn anew, and below one act how far its pictures stand beyond `CLOSE`.
 */
export function lossOf(cover: FinishedCover): number {
  const { strips } = cover;
  let close = 0;
  for (const x of strips) close += Math.max(0, Math.abs(x) - CLOSE);
  const { steering, tension } = REACHED;
  const acted = cover.acts.filter(
    ({ type }) => type === steering.act || type === tension.act || type === 'stop',
  );
  const resewn = steering.labels.has(cover.verdict) || tension.labels.has(cover.verdict);
  return acted.length + (resewn ? 1 : 0) + Math.min(0.9, close / strips.length);
}

/**
 * The gates of one machine's corrections, one a setting, because a better tension is no proof of a better steering. It
 * decides before each cover which share of each lease's bounds may be used. The error budget is shared by the settings;
 * each has a coin of its own.
 */
export class CorrectionsGate {
  readonly #plan: CorrectionsPlan;
  readonly #gates: Readonly<Record<Setting, SettingGate>>;
  #knob = Number.NaN;

  /** @param key chance of the coins: committed before the first cover, never chosen by the controller. */
  constructor(plan: CorrectionsPlan, key: number) {
    this.#plan = plan;
    const delta = plan.budget.delta / SETTINGS.length;
    this.#gates = {
      steering: new SettingGate(plan, delta, split(key, 1)),
      tension: new SettingGate(plan, delta, split(key, 2)),
    };
  }

  get states(): Readonly<Record<Setting, CorrectionsState>> {
    return { steering: this.#gates.steering.state, tension: this.#gates.tension.state };
  }

  /** The furthest that any of the settings has come. */
  get state(): CorrectionsState {
    const states = Object.values(this.states);
    const order: readonly CorrectionsState[] = ['open', 'trial', 'shadow', 'refused', 'closed'];
    return order.find((state) => states.includes(state)) ?? 'closed';
  }

  /** The cover that was sewn last belongs to a coin pair: a person has to judge it. */
  get paired(): boolean {
    return SETTINGS.some((setting) => this.#gates[setting].paired);
  }

  get report() {
    return { steering: this.#gates.steering.report, tension: this.#gates.tension.report };
  }

  /** Steps of all settings, in the order of covers. */
  get transitions(): readonly CorrectionsTransition[] {
    return SETTINGS.flatMap((setting) =>
      this.#gates[setting].transitions.map((step) => ({ ...step, setting })),
    ).sort((a, b) => a.cover - b.cover);
  }

  /** Shares of the leases' bounds for the next cover. Zero on every safety part, whatever the gates' states. */
  sharesFor(context: CoverContext, ready: boolean): Shares {
    if (context.safety || !ready) return NONE;
    return {
      steering: this.#gates.steering.shareFor(context.part),
      tension: this.#gates.tension.shareFor(context.part),
    };
  }

  /** A cover that was sewn with the shares that `sharesFor` gave, where its threads lock, and what was proposed when a person last turned the knob. */
  finished(
    cover: FinishedCover,
    {
      shares,
      shiftAtTurn,
      lockOff,
    }: { readonly shares: Shares; readonly shiftAtTurn: number; readonly lockOff: LockOff },
  ): void {
    const { context, strips, acts } = cover;
    if (context.safety) return;
    // A person's turn of the knob is the one correction that a proposal can be compared with.
    if (!Number.isNaN(this.#knob) && cover.knob !== this.#knob)
      this.#gates.tension.compared((cover.knob - this.#knob) * shiftAtTurn > 0);
    this.#knob = cover.knob;
    const { tolerance, lockTolerance } = this.#plan;
    const seen = {
      steering: settingLoss('steering', strips, tolerance, cover),
      tension: settingLoss('tension', lockOff, lockTolerance, cover),
    };
    for (const setting of SETTINGS)
      this.#gates[setting].finished(
        { cover: context.cover, part: context.part, acts: acts.length, ...seen[setting] },
        shares[setting],
      );
  }
}
