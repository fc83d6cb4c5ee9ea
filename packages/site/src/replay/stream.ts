import { auditRate, type GateEffect, harmStatistic, liveUpper } from '@selvedge/core';
import type { Evidence, ReplayDocument } from '@selvedge/core/records';
import { type DatasetItem, isBad } from '../dataset/dataset.js';
import type { Station } from '../pipeline/station.js';
import { sampledTrace } from './sampled-trace.js';
import { count, EMPTY_TALLY, type Tally } from './tally.js';

/** How often the gate is told the time, in units. */
const TICK_UNITS = 100;
const TRACE_POINTS = 250;
export const WORST_ESCAPES = 12;

export interface StreamUnit {
  readonly item: DatasetItem;
  readonly score: number;
  readonly observed: boolean;
  readonly atMs: number;
}

export interface StreamResult {
  readonly tally: Tally;
  readonly transitions: ReplayDocument['stream']['transitions'];
  readonly alarms: Evidence['drift']['alarms'];
  readonly live: Evidence['live'];
  readonly drift: Evidence['drift']['points'];
  /** True where an automatic decision was allowed at some time. */
  readonly allowed: boolean;
  /** Positions in the stream, lowest score first. */
  readonly worst: readonly number[];
  /** One line of CSV a unit: what was done, for whoever wants to count again. */
  readonly decisions: string;
}

/** Collects what the gate says while a replay runs. `now()` is the number of stream units seen. */
export function collector() {
  const transitions: ReplayDocument['stream']['transitions'] = [];
  const alarms: { unit: number; what: string }[] = [];
  let unit = 0;
  return {
    transitions,
    alarms,
    next: () => {
      unit++;
    },
    watch: (effect: GateEffect) => {
      if (effect.type === 'transition')
        transitions.push({ unit, from: effect.from, to: effect.to, why: effect.why });
      if (effect.type === 'alarm' && effect.what !== 'refused') alarms.push({ unit, what: effect.why });
    },
  };
}

/**
 * The stream as the line would see it: the label of a unit reaches the gate only where a person was asked or
 * an audit was drawn; the rest score the gate afterwards.
 */
export function runStream(
  station: Station,
  units: Iterable<StreamUnit>,
  { notes, scope }: { notes: ReturnType<typeof collector>; scope: string },
): StreamResult {
  let tally = EMPTY_TALLY;
  let allowed = false;
  let seen = 0;
  const live = sampledTrace<Evidence['live'][number]>(TRACE_POINTS);
  const drift = sampledTrace<Evidence['drift']['points'][number]>(TRACE_POINTS);
  let worst: { position: number; score: number }[] = [];
  const decisions = ['id,label,score,region,call,by,audited,propensity'];
  for (const { item, score, observed, atMs } of units) {
    const decision = station.decide({ id: item.id, atMs, score, observed, scope, lot: null });
    const bad = isBad(item);
    const person = decision.by === 'person';
    notes.next();
    if (person || decision.audit) station.answer(decision, { bad, atMs });
    if (seen % TICK_UNITS === 0) station.tell({ type: 'tick', atMs });
    const outcome = { by: decision.by, call: decision.call, audited: decision.audit, bad };
    const before = tally.escapes;
    tally = count(tally, outcome);
    allowed ||= !person;
    if (tally.escapes > before) {
      worst.push({ position: seen, score });
      if (worst.length > 4 * WORST_ESCAPES) worst = lowest(worst);
    }
    decisions.push(
      `${cell(item.id)},${cell(item.label)},${Number.isNaN(score) ? '' : score},${decision.region},${decision.call},${decision.by},${decision.audit},${decision.propensity}`,
    );
    seen++;
    const { state } = station;
    const { level, spread } = state.flow;
    const log10 = (ln: number) => Math.max(-2, ln / Math.LN10);
    live.offer({
      unit: seen,
      state: state.name,
      auditRate: state.name === 'shadow' || state.name === 'closed' ? 1 : auditRate(state, 'accept'),
      audits: tally.audits,
      liveUpper: liveUpper(state),
      truth:
        state.plan.budget.contract === 'per-unit'
          ? tally.escapes / seen
          : tally.escapes / Math.max(1, tally.unseenPasses),
      automaticShare: tally.automatic / seen,
    });
    drift.offer({
      unit: seen,
      level: log10(level.logShiryaevRoberts),
      spread: log10(spread.logShiryaevRoberts),
      harm: log10(Math.log(Math.max(harmStatistic(state.accept.harm), 1e-9))),
    });
  }
  return {
    tally,
    transitions: notes.transitions,
    alarms: notes.alarms,
    live: live.points(),
    drift: drift.points(),
    allowed,
    worst: lowest(worst).map((w) => w.position),
    decisions: `${decisions.join('\n')}\n`,
  };
}

const lowest = (list: { position: number; score: number }[]) =>
  [...list].sort((a, b) => a.score - b.score).slice(0, WORST_ESCAPES);

/** A CSV cell; a leading formula sign is defused for spreadsheets. */
function cell(text: string): string {
  const safe = /^[=+@-]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
