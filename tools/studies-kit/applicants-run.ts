import {
  assess,
  type Budget,
  barred,
  type CertifiedSides,
  type Contender,
  DEFAULT_SETTINGS,
  type GateEffect,
  type GateEvent,
  type GateState,
  Ranker,
  roleOf,
  rule,
  startGate,
  step,
  thinned,
} from '@selvedge/core';
import { median, type ScorePool, uniforms } from './score-pools.js';

export const BUDGET: Budget = {
  escapeRate: 0.005,
  overkillRate: 0,
  confidence: 0.95,
  contract: 'per-unit',
};
const BAD_RATE = 0.05;
const EVIDENCE_SHARE = 0.5;
const MS_A_UNIT = 10_000;
/** As the site has them: evidence before the first test, its growth before the next, least gain of a recommendation. */
const FIRST_TEST = 100;
const GROWTH = 1.5;
const MARGIN = 0.01;
const JITTER = 1e-6;

/** `right` says what the pool says; `second` and `third` say of some units what has nothing to do with them. */
export const APPLICANTS = ['right', 'second', 'third', 'adversary'] as const;
export type Applicant = (typeof APPLICANTS)[number];
const NOISE: Readonly<Record<Applicant, number>> = { right: 0, second: 0.15, third: 0.5, adversary: 0 };

/** A unit as all see it, kept only where its role is evidence. */
interface Seen {
  readonly said: Readonly<Record<Applicant, number>>;
  readonly bad: boolean;
  readonly propensity: number;
  readonly asked: boolean;
  /** Everything was asked when it came: it is taken whole. */
  readonly manual: boolean;
  readonly draw: number;
}

/** What came of one run. Units count from 0. */
export interface Outcome {
  readonly escapes: number;
  readonly automatic: number;
  readonly hired: readonly { readonly who: Applicant; readonly at: number; readonly n: number }[];
  readonly closed: readonly { readonly who: Applicant; readonly at: number; readonly why: string }[];
  /** Passed bad and unseen while the adversary had the post. */
  readonly adversaryEscapes: number;
  readonly inPostAtTheEnd: Applicant | null;
  /** True rate of bad units that the right model passes at its last threshold, over the budget; null = never hired. */
  readonly rightRateOverBudget: number | null;
  readonly tests: number;
}

type Certified = { readonly sides: CertifiedSides; readonly n: number; readonly bads: number };

/**
 * One station over `units` units: nobody decides at first, all apply, every unit is judged. Who is certified on evidence is
 * hired as a signed policy or a person would do it at once; a model closed by harm is barred, its evidence is begun anew.
 */
export function applicantsRun(pool: ScorePool, seed: number, units: number): Outcome {
  const run = new Run(pool, seed);
  for (let index = 0; index < units; index += 1) run.unit(index);
  return run.outcome();
}

class Run {
  readonly #pool: ScorePool;
  readonly #uniform: () => number;
  readonly #chance: () => number;
  readonly #order: Applicant[];
  readonly #middle: number;
  #gate: GateState;
  #level = new Ranker();
  #spread = new Ranker();
  #now = 0;
  #post: Applicant | null = null;
  #evidence: Seen[] = [];
  #certificates = new Map<Applicant, Certified>();
  #testedAt = new Map<Applicant, number>();
  /** Tests since the evidence began. */
  #k = 0;
  #tests = 0;
  #bars: { applicant: Applicant; barred: boolean; user: null }[] = [];
  #counted = { escapes: 0, automatic: 0, adversaryEscapes: 0 };
  readonly #hired: { who: Applicant; at: number; n: number }[] = [];
  readonly #closed: { who: Applicant; at: number; why: string }[] = [];
  #rightRate: number | null = null;

  constructor(pool: ScorePool, seed: number) {
    this.#pool = pool;
    this.#uniform = uniforms(seed);
    this.#chance = uniforms(seed ^ 0x5bd1e995);
    // Who applies first, and is tested first, is drawn.
    this.#order = APPLICANTS.map((who) => ({ who, key: this.#chance() }))
      .sort((a, b) => a.key - b.key)
      .map(({ who }) => who);
    this.#middle = median(pool.good);
    const plan = {
      ...{ budget: BUDGET, signedBy: 'study', reason: 'applicants', safety: false },
      ...{ plannedUnits: null, rampThreshold: null, scope: 'study', settings: DEFAULT_SETTINGS },
    };
    this.#gate = startGate(plan, { atMs: 0 });
  }

  unit(index: number): void {
    this.#now += MS_A_UNIT;
    const bad = this.#uniform() < BAD_RATE;
    const said = this.#scores(bad);
    const evidence = roleOf(this.#chance(), EVIDENCE_SHARE) === 'evidence';
    const draw = this.#chance();
    const { name } = this.#gate;
    const manual = name === 'shadow' || name === 'closed';
    const post = this.#post;
    const score = post === null ? Number.NaN : said[post];
    const unitId = `u${index}`;
    const [auditDraw, a, b] = [this.#chance(), this.#chance(), this.#chance()];
    const effects = this.#tell({
      ...{ type: 'unit', unitId, atMs: this.#now, score, draw: auditDraw, scope: 'study', lot: null },
      pLevel: post === null ? null : this.#level.next(score, a),
      pSpread: post === null ? null : this.#spread.next(Math.abs(score - this.#middle), b),
    });
    const decision = effects.find((effect) => effect.type === 'decide');
    if (decision === undefined) throw new Error(`no decision on ${unitId}`);
    const alone = decision.by === 'gate' && !decision.audit;
    if (evidence)
      this.#evidence.push({ said, bad, propensity: decision.propensity, asked: !alone, manual, draw });
    let moves = effects;
    if (alone) {
      this.#counted.automatic += 1;
      if (bad) this.#counted.escapes += 1;
      if (bad && post === 'adversary') this.#counted.adversaryEscapes += 1;
    } else moves = [...effects, ...this.#tell({ type: 'answer', unitId, bad, blind: true, atMs: this.#now })];
    if (index % 500 === 499) moves = [...moves, ...this.#tell({ type: 'tick', atMs: this.#now })];
    for (const move of moves)
      if (move.type === 'transition' && move.to === 'closed') this.#afterClosing(index, move.why);
    if (evidence) this.#testWhoIsDue(index);
  }

  outcome(): Outcome {
    const { name } = this.#gate;
    return {
      ...this.#counted,
      hired: this.#hired,
      closed: this.#closed,
      inPostAtTheEnd: name === 'shadow' || name === 'closed' ? null : this.#post,
      rightRateOverBudget: this.#rightRate,
      tests: this.#tests,
    };
  }

  #tell(event: GateEvent): readonly GateEffect[] {
    const { state, effects } = step(this.#gate, event);
    this.#gate = state;
    return effects;
  }

  /** What each says of a unit. The adversary knows more than the right one in shadow, and nothing once it decides. */
  #scores(bad: boolean): Record<Applicant, number> {
    const of = (members: readonly number[]): number =>
      (members[Math.floor(this.#uniform() * members.length)] ?? 0) + this.#uniform() * JITTER;
    const { bad: bads, good } = this.#pool;
    const right = of(bad ? bads : good);
    const again = of(bad ? bads : good);
    const odd = (who: Applicant): number => {
      const isOdd = this.#uniform() < NOISE[who];
      const other = of(this.#uniform() < BAD_RATE ? bads : good);
      return isOdd ? other : right;
    };
    const [second, third] = [odd('second'), odd('third')];
    const blank = of(good);
    const honest = bad ? Math.max(right, again) : Math.min(right, again);
    return { right, second, third, adversary: this.#post === 'adversary' ? blank : honest };
  }

  #afterClosing(index: number, why: string): void {
    const who = this.#post;
    if (who === null) return;
    this.#closed.push({ who, at: index, why });
    if (why.startsWith('harm:')) this.#bars.push({ applicant: who, barred: true, user: null });
    // What was certified before speaks of a process that may not be there any more.
    if (/^(harm:|unknown regime|scope |more findings)/.test(why)) {
      this.#evidence = [];
      this.#certificates.clear();
      this.#testedAt.clear();
      this.#k = 0;
    }
    this.#post = null;
  }

  /** The even sample of the evidence so far (rule LN-2). */
  #sample(): Seen[] {
    const least = DEFAULT_SETTINGS.auditFloorAccept;
    return this.#evidence.filter((one) => (one.manual ? one.asked : thinned([one], least).length === 1));
  }

  #testWhoIsDue(index: number): void {
    const size = this.#evidence.length;
    const out = barred(this.#bars);
    let sample: Seen[] | null = null;
    let isNew = false;
    for (const who of this.#order) {
      if (out.has(who) || this.#certificates.has(who) || who === this.#post) continue;
      const before = this.#testedAt.get(who) ?? 0;
      // The raw count is never below the sample's: a cheap first look.
      if (size < FIRST_TEST || size < before * GROWTH) continue;
      sample ??= this.#sample();
      if (sample.length < FIRST_TEST || sample.length < before * GROWTH) continue;
      this.#testedAt.set(who, sample.length);
      this.#k += 1;
      this.#tests += 1;
      const scores = sample.map(({ said }) => said[who]);
      const bad = sample.map((one) => one.bad);
      const found = assess({
        units: { scores, bad, groups: null },
        ...{ budget: BUDGET, k: this.#k, certificates: 0 },
      });
      if (found.accept === null) continue;
      const { n, bads, accept, reject } = found;
      this.#certificates.set(who, { sides: { accept, reject }, n, bads });
      isNew = true;
    }
    if (sample !== null && isNew) this.#appoint(sample, index);
  }

  #appoint(sample: readonly Seen[], index: number): void {
    const out = barred(this.#bars);
    const contender = (who: Applicant): Contender => ({
      applicant: who,
      scores: sample.map(({ said }) => said[who]),
      sides: this.#certificates.get(who)?.sides ?? null,
      barred: out.has(who),
    });
    const { recommended } = rule({
      inPost: this.#post === null ? null : contender(this.#post),
      applicants: this.#order.filter((who) => who !== this.#post).map(contender),
      groups: null,
      margin: MARGIN,
    });
    const who = APPLICANTS.find((one) => one === recommended);
    const certified = who === undefined ? undefined : this.#certificates.get(who);
    if (who === undefined || certified === undefined) return;
    const { sides, n, bads } = certified;
    this.#tell({ type: 'new-epoch', rampThreshold: null, plannedUnits: n, atMs: this.#now });
    this.#tell({ type: 'certificate', atMs: this.#now, n, bads, ...sides, assessed: true });
    this.#post = who;
    this.#level = new Ranker();
    this.#spread = new Ranker();
    this.#hired.push({ who, at: index, n });
    const threshold = sides.accept?.threshold ?? Number.NEGATIVE_INFINITY;
    if (who === 'right') {
      const { bad: bads } = this.#pool;
      this.#rightRate =
        (BAD_RATE * bads.filter((score) => score <= threshold).length) / bads.length / BUDGET.escapeRate;
    }
  }
}
