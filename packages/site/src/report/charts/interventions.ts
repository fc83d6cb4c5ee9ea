import type { Context } from '../context.js';
import { fill } from '../format.js';
import { type Chart, COLOUR } from './figure.js';
import { numberAxis } from './parts.js';

/** Judgements by people before and after, per 100 units. */
export function interventionChart(c: Context): Chart {
  const { t, n } = c;
  const { stream, interventions } = c.e.document;
  const { before, after, reduction, interval } = interventions;
  const per100 = (count: number): number => (stream.units === 0 ? 0 : (100 * count) / stream.units);
  const bar = (name: string, colour: string, data: readonly number[], hatch: boolean) => ({
    name,
    type: 'bar',
    stack: 'all',
    barWidth: '58%',
    silent: true,
    data: [...data],
    itemStyle: {
      color: colour,
      ...(hatch
        ? {
            decal: {
              symbol: 'rect',
              color: 'rgba(255,255,255,0.75)',
              dashArrayX: [1, 0],
              dashArrayY: [2, 5],
              rotation: -Math.PI / 4,
            },
          }
        : {}),
    },
  });
  return {
    id: 'touch',
    title: t.interventionTitle,
    description: fill(t.interventionText, {
      before: n.fixed(100 * before, 1),
      after: n.fixed(100 * after, 1, 'up'),
      reduction: n.percent(reduction, 'down'),
      low: n.percent(interval[0], 'down'),
      high: n.percent(interval[1], 'up'),
      confidence: n.percent(c.e.promise.confidence),
      units: n.whole(stream.units),
    }),
    keys: [
      { name: t.judged, colour: COLOUR.quiet, look: 'bar' },
      { name: t.asked, colour: COLOUR.sky, look: 'bar' },
      { name: t.audited, colour: COLOUR.red, look: 'hatch' },
    ],
    height: 170,
    option: ({ narrow }) => ({
      grid: { left: narrow ? 100 : 116, right: 24, top: 8, bottom: 46 },
      xAxis: {
        ...numberAxis(c, t.axisJudgements, { min: 0, max: Math.max(100, 100 * before) }),
        nameLocation: 'middle',
        nameGap: 28,
        nameTextStyle: { color: COLOUR.quiet },
      },
      yAxis: {
        type: 'category',
        data: [t.workAfter, t.workBefore],
        axisTick: { show: false },
        axisLine: { lineStyle: { color: COLOUR.quiet } },
        axisLabel: { color: COLOUR.ink },
      },
      series: [
        bar(t.judged, COLOUR.quiet, [0, 100 * before], false),
        bar(t.asked, COLOUR.sky, [per100(stream.asked), 0], false),
        bar(t.audited, COLOUR.red, [per100(stream.audits), 0], true),
      ],
    }),
    table: {
      head: ['', t.judged, t.asked, t.audited],
      rows: [
        [t.workBefore, n.fixed(100 * before, 1), '0', '0'],
        [t.workAfter, '0', n.fixed(per100(stream.asked), 2), n.fixed(per100(stream.audits), 2)],
      ],
    },
  };
}
