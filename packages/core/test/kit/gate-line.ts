import type {
  CertifiedSide,
  Decide,
  FindingEvent,
  GateEffect,
  GateEvent,
  UnitEvent,
} from '../../src/gate/event.js';
import { type Budget, DEFAULT_SETTINGS, type GatePlan, type GateSettings } from '../../src/gate/plan.js';
import { type GateState, startGate } from '../../src/gate/state.js';
import { step } from '../../src/gate/step.js';

export const budget: Budget = {
  escapeRate: 0.005,
  overkillRate: 0,
  confidence: 0.95,
  contract: 'per-unit',
};

type PlanChange = Partial<Omit<GatePlan, 'budget' | 'settings'>> & {
  readonly budget?: Partial<Budget>;
  readonly settings?: Partial<GateSettings>;
};

export const gatePlan = (change: PlanChange = {}): GatePlan => ({
  signedBy: 'quality',
  reason: 'test',
  safety: false,
  plannedUnits: 3000,
  rampThreshold: null,
  scope: 'product',
  ...change,
  budget: { ...budget, ...change.budget },
  settings: { ...DEFAULT_SETTINGS, ...change.settings },
});

export const certified = (threshold: number, delta: number): CertifiedSide => ({
  threshold,
  upper: 0.004,
  delta,
  test: 'exact-binomial-per-unit',
});

/** A gate with its events and effects remembered; one unit a second. */
export class GateLine {
  state: GateState;
  readonly effects: GateEffect[] = [];
  private units = 0;

  constructor(change: PlanChange = {}) {
    this.state = startGate(gatePlan(change), { atMs: 0 });
  }

  tell(event: GateEvent): readonly GateEffect[] {
    const { state, effects } = step(this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  unit(change: Partial<UnitEvent> = {}) {
    this.units += 1;
    const effects = this.tell({
      type: 'unit',
      unitId: `u${this.units}`,
      atMs: this.units * 1000,
      score: 0.1,
      draw: 0.999,
      pLevel: null,
      pSpread: null,
      scope: 'product',
      lot: null,
      ...change,
    });
    const decision = effects.find((effect) => effect.type === 'decide');
    if (decision === undefined) throw new Error('a unit without a decision');
    return decision;
  }

  /** Leaves a unit's number out, so that a copy of a line goes on with the numbers of the first. */
  skip(): void {
    this.units += 1;
  }

  answer(unitId: string, bad: boolean, blind = true): readonly GateEffect[] {
    return this.tell({ type: 'answer', unitId, bad, blind, atMs: this.units * 1000 });
  }

  /** Units that are all drawn for an audit and answered. */
  audits(count: number, bad: boolean, score = 0.1): this {
    for (let i = 0; i < count; i += 1) this.answer(this.unit({ draw: 0, score }).unitId, bad);
    return this;
  }

  /** A unit that was decided is found bad downstream. */
  finding(
    { unitId, epoch, call, position }: Decide,
    answer: FindingEvent['answer'] = null,
  ): readonly GateEffect[] {
    return this.tell({ type: 'finding', unitId, epoch, call, position, answer, atMs: this.units * 1000 });
  }

  /** Blind readings of known-bad seeds. */
  seeds(count: number, missed: boolean): this {
    for (let i = 0; i < count; i += 1) this.tell({ type: 'seed', missed, blind: true, atMs: 0 });
    return this;
  }

  certify(change: Partial<Extract<GateEvent, { type: 'certificate' }>> = {}): this {
    const accept = certified(0.5, 0.025);
    this.tell({ type: 'certificate', atMs: 0, n: 3000, bads: 150, accept, reject: null, ...change });
    return this;
  }

  tick(atMs: number): readonly GateEffect[] {
    return this.tell({ type: 'tick', atMs });
  }

  get moves(): string[] {
    return this.effects.flatMap((e) => (e.type === 'transition' ? [`${e.from}>${e.to}`] : []));
  }

  get alarms(): string[] {
    return this.effects.flatMap((e) => (e.type === 'alarm' ? [e.what] : []));
  }
}
