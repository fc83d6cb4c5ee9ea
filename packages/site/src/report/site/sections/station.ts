import type { ReportShare, StationReport } from '@selvedge/core/records';
import { escapeHtml as h } from '../../format.js';
import { htmlTable, pairs, para } from '../../html.js';
import type { SiteContext } from '../context.js';
import { titled } from './parts.js';
import { proofParts } from './proof.js';

/** Everything that a period says of one station. */
export function stationSection(c: SiteContext, station: StationReport): string {
  return [
    decisions(c, station),
    touches(c, station),
    beforeAfter(c, station),
    errors(c, station),
    ...proofParts(c, station),
    yields(c, station),
    energy(c, station),
    lots(c, station),
  ].join('');
}

/** A share with its interval, rounded away from what it claims. */
export function shareText({ n, t }: SiteContext, share: ReportShare | null): string {
  if (share === null) return t.notKnown;
  return `${n.percent(share.share)} (${n.percent(share.lower, 'down')} – ${n.percent(share.upper, 'up')}; n = ${n.whole(share.of)})`;
}

function decisions(c: SiteContext, { units, released, automaticShare }: StationReport): string {
  const { t, n } = c;
  const share = automaticShare === null ? '' : ` · ${shareText(c, automaticShare)}`;
  return `${titled(c, t.hUnits)}${pairs([
    [h(t.dArrived), n.whole(units.arrived)],
    [h(t.dDecided), n.whole(units.decided)],
    [h(t.dAutomatic), `${n.whole(units.automatic)}${h(share)}`],
    [h(t.dAsked), n.whole(units.asked)],
    [h(t.dDefaulted), n.whole(units.defaulted)],
    [h(t.dWaiting), n.whole(units.waiting)],
    [h(t.dNoScore), n.whole(units.noScore)],
    [
      h(t.dReleased),
      [released.pass, released.reject, released.hold, released.divert].map(n.whole).join(' / '),
    ],
    [h(t.dUnknown), n.whole(released.unknown)],
  ])}`;
}

type Per100 = StationReport['interventions'][number]['per100Good'];

const intervalText = ({ n }: SiteContext, per: Per100): string =>
  per === null ? '–' : `${n.fixed(per.lower, 2, 'down')} – ${n.fixed(per.upper, 2, 'up')}`;
const valueText = ({ n }: SiteContext, per: Per100): string => (per === null ? '–' : n.fixed(per.value, 2));

function touches(c: SiteContext, { interventions, takenOver }: StationReport): string {
  const { t, n } = c;
  const rows = [...interventions]
    .sort((a, b) => Number(a.verdict) - Number(b.verdict))
    .map(({ type, verdict, count, seconds, per100Good }) => [
      h(verdict ? t.verdictTouches : type),
      n.whole(count),
      n.fixed(seconds, 0),
      valueText(c, per100Good),
      intervalText(c, per100Good),
    ]);
  const table =
    rows.length === 0
      ? para(t.noTouches)
      : htmlTable([t.colType, t.colCount, t.colSeconds, t.colPer100, t.colInterval], rows, 'figures stack');
  const before = takenOver === 0 ? '' : para(c.fill(t.takenOver, { count: n.whole(takenOver) }), 'note');
  return `${titled(c, t.hTouches)}${table}${before}`;
}

function beforeAfter(c: SiteContext, { before, after, reduction }: StationReport): string {
  const { t, n } = c;
  const row = (name: string, phase: StationReport['before']): string[] => [
    h(name),
    n.whole(phase.units),
    phase.judgementsPerUnit === null ? '–' : n.fixed(phase.judgementsPerUnit, 3),
    valueText(c, phase.other.per100Good),
    intervalText(c, phase.other.per100Good),
  ];
  const text =
    reduction === null
      ? t.noReduction
      : c.fill(t.reduction, {
          value: n.percent(reduction.value),
          low: n.percent(Math.max(0, reduction.lower), 'down'),
          high: n.percent(reduction.upper, 'up'),
        });
  const head = [t.colPhase, t.colUnits, t.colJudgements, t.colOther, t.colInterval];
  const rows = [row(t.phaseBefore, before), row(t.phaseAfter, after)];
  return `${titled(c, t.hBefore)}${htmlTable(head, rows, 'figures stack')}${para(text)}${para(t.notRandomised, 'note')}`;
}

function errors(c: SiteContext, { errors: e }: StationReport): string {
  const { t, n } = c;
  const kinds = { escape: t.kindEscape, misread: t.kindMisread, other: t.kindOther };
  const rows = e.findings.map(({ unit, atMs, where, label, kind }) => [
    h(unit),
    h(c.time(atMs)),
    h(where === 'customer' ? t.whereCustomer : t.whereLine),
    h(label),
    h(kinds[kind]),
  ]);
  const table =
    rows.length === 0
      ? ''
      : htmlTable([t.colUnit, t.colTime, t.colWhere, t.colLabel, t.colKind], rows, 'words stack');
  return `${titled(c, t.hErrors)}${pairs([
    [h(t.eEscapes), n.whole(e.escapes)],
    [h(t.eMisread), n.whole(e.misread)],
    [h(t.eStopped), n.whole(e.stopped)],
    [h(t.eOverkills), n.whole(e.overkills)],
  ])}${table}${para(t.eFloor, 'note')}`;
}

function yields(c: SiteContext, { yield: y, oeeMissing }: StationReport): string {
  const { t, n } = c;
  const missing = {
    plannedBusyTime: t.mPlannedBusyTime,
    actualProductionTime: t.mActualProductionTime,
    plannedRunTimePerUnit: t.mPlannedRunTimePerUnit,
  };
  const list = oeeMissing.map((name) => missing[name]).join(', ');
  return `${titled(c, t.hYield)}${pairs([
    [h(t.yProduced), n.whole(y.produced)],
    [h(t.yGood), n.whole(y.good)],
    [h(t.yReworked), n.whole(y.reworked)],
    [h(t.yQuality), h(shareText(c, y.qualityRatio))],
    [h(t.yFirst), h(shareText(c, y.firstPassYield))],
    [h(t.yOee), h(c.fill(t.yOeeMissing, { list }))],
  ])}`;
}

function energy(c: SiteContext, { energy: e, yield: y }: StationReport): string {
  const { t, n } = c;
  if (e === null) return `${titled(c, t.hEnergy)}${para(t.noMeter)}`;
  const per = (value: number | null, unit: string): string =>
    value === null ? t.notKnown : `${n.reading(value)}\u00a0${unit}`;
  const rows: (readonly [string, string])[] = [
    [h(t.eMetered), n.whole(e.metered)],
    [h(t.eEnergy), h(per(e.wattHour, 'Wh'))],
    [h(t.ePerGood), h(per(e.perGoodWattHour, 'Wh'))],
    [h(t.eCarbon), h(e.carbon === null ? t.noFactor : per(e.carbon.perGoodGram, 'g CO2e'))],
  ];
  if (e.carbon !== null) {
    const { gramPerWattHour, year, source } = e.carbon;
    const values = { gram: n.reading(gramPerWattHour), year: String(year), source };
    rows.push([h(t.kFactor), h(c.fill(t.factor, values))]);
  }
  const part = e.metered < y.produced ? para(t.partMetered, 'note') : '';
  return `${titled(c, t.hEnergy)}${pairs(rows)}${part}`;
}

function lots(c: SiteContext, { lots: list, lotsNotShown }: StationReport): string {
  const { t, n } = c;
  if (list.length === 0) return `${titled(c, t.hLots)}${para(t.noLots)}`;
  const rows = list.map(({ lot, units, good, badShare, firstPassYield }) => [
    h(lot),
    n.whole(units),
    n.whole(good),
    h(shareText(c, badShare)),
    h(shareText(c, firstPassYield)),
  ]);
  const head = [t.colLot, t.colUnits, t.colGood, t.colBadShare, t.colFirstPass];
  const more = lotsNotShown === 0 ? '' : para(c.fill(t.lotsMore, { count: n.whole(lotsNotShown) }));
  return `${titled(c, t.hLots)}${htmlTable(head, rows, 'figures stack')}${more}`;
}
