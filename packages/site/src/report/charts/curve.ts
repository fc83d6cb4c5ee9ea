import type { Context } from '../context.js';
import { fill } from '../format.js';
import { type Chart, COLOUR, type Key } from './figure.js';
import { limit, limits, line, rateAxis, roundTop, thinned } from './parts.js';

/** Automatic share against the escape rate that the calibration set proves. */
export function curveChart(c: Context): Chart {
  const { e, t, n, per } = c;
  const { points, certified } = e.curve;
  const budget = e.promise.escapeRate;
  const top = Math.min(1, roundTop(Math.max(4 * budget, 1.3 * (certified?.escapeUpper ?? 0))));
  const keys: Key[] = [
    { name: t.curveUpper, colour: COLOUR.blue, look: 'solid' },
    { name: t.curveRate, colour: COLOUR.green, look: 'dashed' },
  ];
  if (certified) keys.push({ name: t.curvePoint, colour: COLOUR.ink, look: 'diamond' });
  return {
    id: 'curve',
    title: t.curveTitle,
    description: certified
      ? fill(t.curveCertified, {
          share: n.percent(certified.share, 'down'),
          upper: n.percent(certified.escapeUpper, 'up'),
          per,
        })
      : t.curveNone,
    keys,
    height: 340,
    option: ({ narrow }) => ({
      xAxis: {
        ...rateAxis(c, t.axisShare, 1),
        nameLocation: 'middle',
        nameGap: narrow ? 26 : 30,
        nameTextStyle: { color: COLOUR.quiet },
        splitLine: { show: false },
      },
      yAxis: rateAxis(c, fill(t.axisEscapes, { per }), top),
      series: [
        {
          ...line(
            t.curveUpper,
            points.map((p) => [p.share, p.escapeUpper] as const),
            { colour: COLOUR.blue, dash: 'solid' },
          ),
          markLine: limits(limit(`${t.budget} ${n.percent(budget)}`, budget, COLOUR.red)),
        },
        line(
          t.curveRate,
          points.map((p) => [p.share, p.escapeRate] as const),
          { colour: COLOUR.green, dash: 'dashed' },
        ),
        ...(certified
          ? [
              {
                name: t.curvePoint,
                type: 'scatter',
                symbol: 'diamond',
                symbolSize: 15,
                silent: true,
                z: 5,
                data: [[certified.share, certified.escapeUpper]],
                itemStyle: { color: COLOUR.ink, borderColor: '#fff', borderWidth: 1.5 },
              },
            ]
          : []),
      ],
    }),
    table: {
      head: [t.axisShare, t.curveUpper, t.curveRate],
      rows: thinned(points).map((p) => [
        n.percent(p.share),
        n.percent(p.escapeUpper, 'up'),
        n.percent(p.escapeRate),
      ]),
    },
  };
}
