import type { Context } from '../context.js';
import { stateName } from '../context.js';
import { fill } from '../format.js';
import { type Chart, COLOUR, type Size } from './figure.js';
import { countAxis, HALO, limit, limits, line, rateAxis, roundTop, thinned } from './parts.js';

const STATE_FILL: Readonly<Record<string, string>> = {
  shadow: '#eef0f2',
  ramp: '#fdf4dc',
  open: '#e3f4ed',
  watch: '#fbe6da',
  closed: '#d6d9dc',
};

interface Band {
  readonly from: number;
  readonly to: number;
  readonly state: string;
}

/** The states of the gate along the stream, in units; stretches without units are left out. */
function bands({ e }: Context): readonly Band[] {
  const { transitions, units } = e.document.stream;
  const starts = [
    { unit: 0, state: transitions[0]?.from ?? e.document.gate.state },
    ...transitions.map((x) => ({ unit: x.unit, state: x.to })),
  ];
  return starts
    .map(({ unit, state }, i) => ({ from: unit, to: starts[i + 1]?.unit ?? units, state }))
    .filter((b) => b.to > b.from);
}

/** The state's name, where the band is wide enough to hold it; the table of changes names them all. */
function bandName(c: Context, { from, to, state }: Band, { width }: Size): string {
  const name = stateName(c, state).replace(/ \(.*/, '');
  const textWidth = [...name].reduce((sum, x) => sum + (x > '\u2e80' ? 15 : 8.5), 0);
  return ((to - from) / c.e.document.stream.units) * (width - 90) > textWidth ? name : '';
}

/** What the audits prove along the stream, with the states of the gate as bands. */
export function liveChart(c: Context): Chart {
  const { e, t, n, per } = c;
  const { stream } = e.document;
  const budget = e.promise.escapeRate;
  const highest = Math.max(
    5 * budget,
    1.25 * stream.liveUpper,
    ...e.live.slice(50).map((p) => 1.2 * p.truth),
  );
  const top = Math.min(1, roundTop(highest));
  return {
    id: 'live',
    title: t.liveTitle,
    description: [
      fill(t.liveText, { upper: n.percent(stream.liveUpper, 'up'), audits: n.whole(stream.audits) }),
      ...(e.curve.certified !== null && stream.liveUpper > budget ? [t.liveCertificate] : []),
    ].join(c.language === 'zh' ? '' : ' '),
    keys: [
      { name: t.liveBound, colour: COLOUR.blue, look: 'solid' },
      { name: t.liveTruth, colour: COLOUR.ink, look: 'dashed' },
    ],
    height: 360,
    option: (size) => ({
      xAxis: { ...countAxis(c, t.axisUnits, size), max: Math.max(1, stream.units) },
      yAxis: rateAxis(c, fill(t.axisEscapes, { per }), top),
      series: [
        {
          ...line(
            t.liveBound,
            e.live.map((p) => [p.unit, p.liveUpper] as const),
            { colour: COLOUR.blue, dash: 'solid' },
          ),
          markLine: limits(
            limit(`${t.budget} ${n.percent(budget)}`, budget, COLOUR.red),
            ...stream.transitions.slice(0, 20).map((x, i) => ({
              xAxis: x.unit,
              label: { formatter: String(i + 1), position: 'end', distance: 2, color: COLOUR.quiet },
              lineStyle: { color: COLOUR.quiet, type: [1, 3], width: 1 },
            })),
          ),
          markArea: {
            silent: true,
            emphasis: { disabled: true },
            label: { position: 'insideTopRight', color: COLOUR.quiet, fontWeight: 600, ...HALO },
            data: bands(c).map((b) => [
              {
                name: bandName(c, b, size),
                xAxis: b.from,
                itemStyle: { color: STATE_FILL[b.state] ?? '#fff' },
              },
              { xAxis: b.to },
            ]),
          },
        },
        line(
          t.liveTruth,
          e.live.map((p) => [p.unit, p.truth] as const),
          { colour: COLOUR.ink, dash: 'dashed' },
        ),
      ],
    }),
    table: {
      head: [t.colUnit, t.liveBound, t.liveTruth, t.colAudits, t.colState],
      rows: thinned(e.live).map((p) => [
        n.whole(p.unit),
        n.percent(p.liveUpper, 'up'),
        n.percent(p.truth),
        n.whole(p.audits),
        stateName(c, p.state),
      ]),
    },
  };
}

/** Share of automatic decisions and audit rate along the stream. */
export function workChart(c: Context): Chart {
  const { e, t, n } = c;
  return {
    id: 'work',
    title: t.workTitle,
    description: t.workText,
    keys: [
      { name: t.workShare, colour: COLOUR.green, look: 'solid' },
      { name: t.workAudit, colour: COLOUR.red, look: 'dotted' },
    ],
    height: 250,
    option: (size) => ({
      xAxis: { ...countAxis(c, t.axisUnits, size), max: Math.max(1, e.document.stream.units) },
      yAxis: rateAxis(c, t.axisRate, 1),
      series: [
        line(
          t.workShare,
          e.live.map((p) => [p.unit, p.automaticShare] as const),
          { colour: COLOUR.green, dash: 'solid' },
        ),
        line(
          t.workAudit,
          e.live.map((p) => [p.unit, p.auditRate] as const),
          { colour: COLOUR.red, dash: 'dotted' },
        ),
      ],
    }),
    table: {
      head: [t.colUnit, t.workShare, t.workAudit],
      rows: thinned(e.live).map((p) => [
        n.whole(p.unit),
        n.percent(p.automaticShare),
        n.percent(p.auditRate),
      ]),
    },
  };
}
