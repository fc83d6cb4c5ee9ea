import {
  agreement,
  auditRate,
  binomialLower,
  binomialUpper,
  type CarbonFactor,
  energyPerGood,
  type GateState,
  liveUpper,
  poissonLower,
  poissonUpper,
  promise,
  quantity,
  shareOf,
} from '@selvedge/core';
import type { SiteFactBody, StationReport } from '@selvedge/core/records';

/** One minus the confidence of every interval, halved for its two sides. */
const DELTA = 0.025;
const MOST_LOTS = 200;
const MOST_FINDINGS = 100;
const SEEDS_NEEDED = 60;

/** What is known of a unit until it leaves. */
export interface OpenUnit {
  readonly lot: string | null;
  readonly energyWattHour: number | null;
  decided: { readonly seq: number; readonly atMs: number; readonly body: SiteFactBody<'decided'> } | null;
  /** Its decision lies in the period. */
  within: boolean;
  first: SiteFactBody<'answered'> | null;
}

/** What a unit was that somebody found bad, or reworked, after it had left. */
export interface PastUnit {
  readonly lot: string | null;
  readonly phase: Phase;
  /** It left as good, in the period. */
  readonly passed: boolean;
  readonly found: boolean;
  readonly reworked: boolean;
}

export type Phase = 'before' | 'after';

/** While a gate is in one of these it decides; otherwise people do. */
export const deciding = (state: string | undefined): boolean =>
  state === 'ramp' || state === 'open' || state === 'watch';
export const phaseOf = (state: string | undefined): Phase => (deciding(state) ? 'after' : 'before');

interface PhaseTally {
  units: number;
  good: number;
  judged: number;
  rereads: number;
  others: number;
  otherSeconds: number;
}

const emptyPhase = (): PhaseTally => ({
  units: 0,
  good: 0,
  judged: 0,
  rereads: 0,
  others: 0,
  otherSeconds: 0,
});

interface LotTally {
  units: number;
  good: number;
  firstPass: number;
}

/** Adds up one station's rows of a period. */
export class StationTally {
  readonly phases = { before: emptyPhase(), after: emptyPhase() };
  readonly touches = new Map<string, { type: string; verdict: boolean; count: number; seconds: number }>();
  readonly released = { pass: 0, reject: 0, hold: 0, divert: 0, unknown: 0 };
  readonly lots = new Map<string, LotTally>();
  readonly audits = { drawn: 0, done: 0, overdue: 0, notBlind: 0 };
  readonly errors = { escapes: 0, misread: 0, overkills: 0, stopped: 0 };
  readonly findings: StationReport['errors']['findings'] = [];
  readonly transitions: StationReport['transitions'] = [];
  readonly draws: StationReport['draws'] = [];
  readonly ended: StationReport['ended'] = [];
  readonly pairs = { bothBad: 0, differ: 0, bothGood: 0 };
  signatures: StationReport['signatures'] = [];
  certificates: StationReport['certificates'] = [];
  gate: GateState | null = null;
  arrived = 0;
  decided = 0;
  noScore = 0;
  automatic = 0;
  asked = 0;
  defaulted = 0;
  waiting = 0;
  takenOver = 0;
  good = 0;
  firstPass = 0;
  reworked = 0;
  metered = 0;
  wattHour = 0;

  touch(type: string, verdict: boolean, seconds: number): void {
    const key = `${verdict ? 0 : 1}\0${type}`;
    const sum = this.touches.get(key) ?? { type, verdict, count: 0, seconds: 0 };
    this.touches.set(key, { ...sum, count: sum.count + 1, seconds: sum.seconds + seconds });
    if (verdict) return;
    const phase = this.phases[phaseOf(this.gate?.name)];
    phase.others += 1;
    phase.otherSeconds += seconds;
  }

  reread(): void {
    this.phases[phaseOf(this.gate?.name)].rereads += 1;
  }

  decide(body: SiteFactBody<'decided'>): void {
    this.decided += 1;
    if (body.noScore !== null) this.noScore += 1;
  }

  /** A unit whose decision lies in the period and whose question, if any, is over. */
  settle(
    { body }: NonNullable<OpenUnit['decided']>,
    first: OpenUnit['first'],
    by: SiteFactBody<'released'>['by'] | null,
  ): void {
    const phase = this.phases[phaseOf(body.state)];
    phase.units += 1;
    if (body.by === 'gate') this.automatic += 1;
    else if (by === 'deadline') this.defaulted += 1;
    else this.asked += 1;
    if (body.by === 'person' || body.audit) phase.judged += 1;
    if (body.by !== 'gate' || !body.audit) return;
    this.audits.drawn += 1;
    if (by === 'deadline' && first === null) this.audits.overdue += 1;
    else this.audits.done += 1;
    if (first !== null && !first.blind) this.audits.notBlind += 1;
    if (first?.bad && body.call === 'pass') this.errors.stopped += 1;
    if (first !== null && !first.bad && body.call === 'reject') this.errors.overkills += 1;
  }

  /** A unit left in the period. */
  release(unit: OpenUnit | undefined, { disposition, outcome }: SiteFactBody<'released'>): void {
    this.released[disposition] += 1;
    if (outcome === 'unknown') this.released.unknown += 1;
    if (unit?.energyWattHour != null) {
      this.metered += 1;
      this.wattHour += unit.energyWattHour;
    }
    const good = disposition === 'pass' ? 1 : 0;
    this.good += good;
    this.firstPass += good;
    this.phases[phaseOf(unit?.decided?.body.state)].good += good;
    if (unit?.lot == null) return;
    const lot = this.lots.get(unit.lot) ?? { units: 0, good: 0, firstPass: 0 };
    this.lots.set(unit.lot, {
      units: lot.units + 1,
      good: lot.good + good,
      firstPass: lot.firstPass + good,
    });
  }

  /** A unit that left as good in the period was found bad, or had to be reworked. */
  correct({ lot, phase, passed, found, reworked }: PastUnit): void {
    if (reworked) this.reworked += 1;
    if (!passed) return;
    const own = lot === null ? undefined : this.lots.get(lot);
    this.firstPass -= 1;
    if (own) own.firstPass -= 1;
    if (!found) return;
    this.good -= 1;
    this.phases[phase].good -= 1;
    if (own) own.good -= 1;
  }

  find(finding: StationReport['errors']['findings'][number]): void {
    if (finding.kind === 'escape') this.errors.escapes += 1;
    if (finding.kind === 'misread') this.errors.misread += 1;
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding);
  }

  document(
    about: Pick<StationReport, 'id' | 'name' | 'line' | 'safety'>,
    carbon: CarbonFactor | null,
  ): StationReport {
    const { gate, good, released } = this;
    const { before, after } = this.phases;
    const produced = released.pass + released.reject + released.hold + released.divert;
    const over = this.automatic + this.asked + this.defaulted;
    const touched = Math.min(after.units, after.judged + after.rereads);
    const { kappa, interval, pairs, agreed } = agreement(this.pairs);
    const lots = [...this.lots].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      ...about,
      units: {
        arrived: this.arrived,
        decided: this.decided,
        automatic: this.automatic,
        asked: this.asked,
        defaulted: this.defaulted,
        waiting: this.waiting,
        noScore: this.noScore,
      },
      automaticShare: shareOf(this.automatic, over),
      released: { ...released },
      interventions: [...this.touches]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, touch]) => ({
          ...touch,
          seconds: toMs(touch.seconds),
          per100Good: per100(touch.count, good),
        })),
      takenOver: this.takenOver,
      before: phaseDocument(before),
      after: phaseDocument(after),
      reduction:
        after.units === 0
          ? null
          : {
              value: 1 - touched / after.units,
              lower: 1 - binomialUpper(touched, after.units, DELTA),
              upper: 1 - binomialLower(touched, after.units, DELTA),
            },
      errors: { ...this.errors, findings: this.findings },
      gate: gate === null ? null : gateDocument(gate),
      ended: this.ended,
      transitions: this.transitions,
      signatures: this.signatures,
      certificates: this.certificates,
      audits: { ...this.audits },
      draws: this.draws,
      readers: {
        seeds: { read: gate?.seeds.read ?? 0, missed: gate?.seeds.missed ?? 0, needed: SEEDS_NEEDED },
        missUpper: gate !== null && gate.seeds.read >= SEEDS_NEEDED ? gate.seeds.missUpper : null,
        meaning: gate !== null && promise(gate).meaning === 'truth' ? 'truth' : 'agreement with operators',
        pairs,
        agreed,
        kappa,
        kappaInterval: interval === null ? null : [interval[0], interval[1]],
      },
      yield: {
        produced,
        good,
        reworked: this.reworked,
        qualityRatio: shareOf(good, produced),
        firstPassYield: shareOf(this.firstPass, produced),
      },
      oeeMissing: ['plannedBusyTime', 'actualProductionTime', 'plannedRunTimePerUnit'],
      energy: this.#energy(carbon),
      lots: lots.slice(0, MOST_LOTS).map(([lot, { units, good: fine, firstPass }]) => ({
        lot,
        units,
        good: fine,
        badShare: shareOf(units - fine, units),
        firstPassYield: shareOf(firstPass, units),
      })),
      lotsNotShown: Math.max(0, lots.length - MOST_LOTS),
    };
  }

  #energy(factor: CarbonFactor | null): StationReport['energy'] {
    if (this.metered === 0) return null;
    const { metered, wattHour, good } = this;
    const perGoodWattHour = good === 0 ? null : wattHour / good;
    if (factor === null) return { metered, wattHour, perGoodWattHour, carbon: null };
    const { carbon, perGood } = energyPerGood(quantity(wattHour, 'Wh'), good, factor);
    const { gramPerWattHour, validYear: year, source } = factor;
    const perGoodGram = perGood?.carbon.value ?? null;
    return {
      ...{ metered, wattHour, perGoodWattHour },
      carbon: { gramPerWattHour, year, source, gram: carbon.value, perGoodGram },
    };
  }
}

/** Sums of seconds, without the dust of adding binary fractions. */
const toMs = (seconds: number): number => Math.round(seconds * 1000) / 1000;

function per100(count: number, good: number): StationReport['interventions'][number]['per100Good'] {
  if (good === 0) return null;
  const scale = 100 / good;
  return {
    value: count * scale,
    lower: scale * poissonLower(count, DELTA),
    upper: scale * poissonUpper(count, DELTA),
  };
}

function phaseDocument(tally: PhaseTally): StationReport['before'] {
  const judgements = tally.judged + tally.rereads;
  return {
    units: tally.units,
    goodUnits: tally.good,
    judgements,
    judgementsPerUnit: tally.units === 0 ? null : judgements / tally.units,
    other: {
      count: tally.others,
      seconds: toMs(tally.otherSeconds),
      per100Good: per100(tally.others, tally.good),
    },
  };
}

/** A gate at one moment. */
export function gateDocument(gate: GateState): NonNullable<StationReport['gate']> {
  const decides = deciding(gate.name);
  const { source, upper, atMs, answersNeeded } = promise(gate);
  const proven = gate.accept.threshold === null ? null : Math.min(1, liveUpper(gate));
  return {
    state: gate.name,
    reason: gate.reason,
    epoch: gate.epoch,
    liveUpper: proven,
    promised: source === null || upper === null ? null : { source, upper, atMs },
    provenByAudits: proven === null ? null : proven <= gate.plan.budget.escapeRate,
    answersNeeded: decides ? answersNeeded : null,
    auditRate: decides ? auditRate(gate, 'accept') : 1,
    escapeRate: gate.plan.budget.escapeRate,
  };
}
