import type { Evidence } from '@selvedge/core/records';
import { type Chart, COLOUR, limit, line, rateAxis, unitAxis } from './chart.js';
import { percent } from './format.js';

const of = (e: Evidence) =>
  e.promise.contract === 'per-unit' ? 'per unit leaving the station' : 'among automatic passes';

/** Automatic share against the escape rate that the calibration set proves. */
export function curveChart(e: Evidence): Chart {
  const { points, certified } = e.curve;
  const budget = e.promise.escapeRate;
  const top = Math.max(4 * budget, 1.5 * (certified?.escapeUpper ?? 0));
  const shown = points.filter((p) => p.escapeUpper <= top * 1.5);
  return {
    title: 'Automatic share against escape rate',
    description: certified
      ? `The further right, the more is automatic; the higher, the more escapes cannot be ruled out. The diamond is where the gate opened: ${percent(certified.share)} automatic, at most ${percent(certified.escapeUpper, 'up')} escapes ${of(e)}.`
      : 'The further right, the more is automatic; the higher, the more escapes cannot be ruled out. No point lies safely below the budget, so nothing was certified.',
    option: {
      legend: { top: 8 },
      xAxis: {
        ...unitAxis('share of units passed automatically'),
        max: 1,
        axisLabel: { formatter: (v: number) => `${100 * v} %` },
      },
      yAxis: rateAxis(`escapes ${of(e)}`, top),
      series: [
        {
          ...line(
            'upper bound (proved)',
            shown.map((p) => [p.share, p.escapeUpper] as const),
            COLOUR.blue,
          ),
          markLine: limit('budget', budget, COLOUR.red),
        },
        line(
          'observed on the calibration set',
          points.filter((p) => p.escapeRate <= top).map((p) => [p.share, p.escapeRate] as const),
          COLOUR.green,
          'dashed',
        ),
        ...(certified
          ? [
              {
                name: 'certified point',
                type: 'scatter',
                symbol: 'diamond',
                symbolSize: 16,
                data: [[certified.share, certified.escapeUpper]],
                itemStyle: { color: COLOUR.black },
              },
            ]
          : []),
      ],
    },
  };
}

const STATE_FILL: Record<string, string> = {
  shadow: '#eeeeee',
  ramp: '#fdf3d8',
  open: '#e0f3ec',
  watch: '#fbe3d6',
  closed: '#d9d9d9',
};

/** What the audits prove along the stream, with the states of the gate as bands. */
export function liveChart(e: Evidence): Chart {
  const budget = e.promise.escapeRate;
  const top = Math.max(6 * budget, ...e.live.slice(-20).map((p) => 1.3 * Math.min(p.liveUpper, 0.2)));
  const bands: { from: number; to: number; state: string }[] = [];
  for (const p of e.live) {
    const last = bands.at(-1);
    if (last && last.state === p.state) last.to = p.unit;
    else bands.push({ from: last?.to ?? 0, to: p.unit, state: p.state });
  }
  const end = e.live.at(-1);
  return {
    title: 'What the audits prove, unit by unit',
    description: `The solid line is the bound that the audits alone prove; it starts at 100 % and falls as audits find good units. ${end ? `At the end it stands at ${percent(end.liveUpper, 'up')} after ${end.audits} audits.` : ''} The dashed line is the truth, known only in a replay.`,
    option: {
      legend: { top: 8 },
      xAxis: unitAxis('units of the stream'),
      yAxis: rateAxis(`escapes ${of(e)}`, top),
      series: [
        {
          ...line(
            'live bound from audits',
            e.live.map((p) => [p.unit, Math.min(p.liveUpper, top)] as const),
            COLOUR.blue,
          ),
          markLine: limit('budget', budget, COLOUR.red),
          markArea: {
            silent: true,
            label: { position: 'insideBottom', color: COLOUR.grey },
            data: bands.map((b) => [
              { name: b.state, xAxis: b.from, itemStyle: { color: STATE_FILL[b.state] ?? '#fff' } },
              { xAxis: b.to },
            ]),
          },
        },
        line(
          'truth so far (replay only)',
          e.live.map((p) => [p.unit, Math.min(p.truth, top)] as const),
          COLOUR.black,
          'dashed',
        ),
      ],
    },
  };
}

/** Share of automatic decisions and audit rate along the stream. */
export function workChart(e: Evidence): Chart {
  return {
    title: 'Who decided, unit by unit',
    description: 'How much the gate has decided so far, and how often its decisions are checked by a person.',
    height: 260,
    option: {
      legend: { top: 8 },
      xAxis: unitAxis('units of the stream'),
      yAxis: rateAxis('share of units', 1),
      series: [
        line(
          'decided automatically so far',
          e.live.map((p) => [p.unit, p.automaticShare] as const),
          COLOUR.green,
        ),
        line(
          'audit rate now',
          e.live.map((p) => [p.unit, p.auditRate] as const),
          COLOUR.orange,
          'dashed',
        ),
      ],
    },
  };
}

/** Evidence of drift; each statistic is about 0 while nothing changes. */
export function driftChart(e: Evidence): Chart {
  const { points, alarmLog10, closeLog10, unitOfObservation } = e.drift;
  const highest = Math.max(alarmLog10, ...points.flatMap((p) => [p.level, p.spread, p.harm]));
  return {
    title: 'Has anything changed?',
    description: `Evidence that scores (level, spread) or audited units (harm) no longer look as they did, as a power of ten; one observation per ${unitOfObservation}. Above the alarm line audits are raised, above the upper line the gate closes.`,
    option: {
      legend: { top: 8 },
      xAxis: unitAxis('units of the stream'),
      yAxis: {
        type: 'value',
        name: 'evidence, power of ten',
        nameTextStyle: { align: 'left' },
        min: -2,
        max: Math.ceil(Math.max(highest, closeLog10) + 0.5),
      },
      series: [
        {
          ...line(
            'level of the scores',
            points.map((p) => [p.unit, p.level] as const),
            COLOUR.blue,
          ),
          markLine: limit('score alarm', alarmLog10, COLOUR.orange),
        },
        {
          ...line(
            'spread of the scores',
            points.map((p) => [p.unit, p.spread] as const),
            COLOUR.purple,
            'dashed',
          ),
          markLine: limit('unknown regime: closed', closeLog10, COLOUR.red),
        },
        line(
          'harm among audits',
          points.map((p) => [p.unit, p.harm] as const),
          COLOUR.black,
          'dotted',
        ),
      ],
    },
  };
}

/** Interventions before and after, per 100 units. */
export function interventionChart(e: Evidence): Chart {
  const { before, after, reduction, interval } = e.document.interventions;
  const { stream } = e.document;
  return {
    title: 'Judgements by people, per 100 units',
    description: `From ${100 * before} to ${(100 * after).toFixed(1)} per 100 units: ${percent(reduction)} fewer (interval ${percent(interval[0], 'down')} to ${percent(interval[1], 'up')}).`,
    height: 190,
    option: {
      legend: { top: 8 },
      grid: { left: 120, right: 40, top: 44, bottom: 34 },
      xAxis: { type: 'value', max: 100 },
      yAxis: { type: 'category', data: ['with the gate', 'by hand'] },
      series: [
        {
          name: 'asked',
          type: 'bar',
          stack: 'all',
          data: [(100 * stream.asked) / stream.units, 100],
          itemStyle: { color: COLOUR.sky },
        },
        {
          name: 'audited',
          type: 'bar',
          stack: 'all',
          data: [(100 * stream.audits) / stream.units, 0],
          itemStyle: {
            color: COLOUR.orange,
            decal: { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
          },
        },
      ],
    },
  };
}
