import type { Context } from '../context.js';
import { fill } from '../format.js';
import { type Chart, COLOUR } from './figure.js';
import { countAxis, limit, limits, line, numberAxis, thinned } from './parts.js';

/** What is drawn of an evidence that went to nothing: the lower edge of the chart. */
const FLOOR = -2;

/** Evidence of drift as powers of ten; about 0 or below while nothing changes. */
export function driftChart(c: Context): Chart {
  const { e, t, n } = c;
  const { points, alarmLog10, closeLog10, harmWatchLog10, harmCloseLog10, unitOfObservation } = e.drift;
  const shown = (v: number): number => (Number.isFinite(v) ? Math.max(FLOOR, v) : FLOOR);
  let highest = Math.max(alarmLog10, closeLog10 ?? alarmLog10);
  for (const p of points) highest = Math.max(highest, shown(p.level), shown(p.spread), shown(p.harm));
  const looks = [
    { of: 'level', name: t.driftLevel, colour: COLOUR.blue, dash: 'solid' },
    { of: 'spread', name: t.driftSpread, colour: COLOUR.purple, dash: 'dashed' },
    { of: 'harm', name: t.driftHarm, colour: COLOUR.ink, dash: 'dotted' },
  ] as const;
  return {
    id: 'drift',
    title: t.driftTitle,
    description: [
      fill(t.driftText, {
        observation: c.say(unitOfObservation),
        // Two Shiryaev-Roberts statistics R: R1 + R2 - 2n is a martingale, so the mean time to a false alarm is at
        // least half the level (Pollak 1987 for one of them).
        often: n.whole(Number((10 ** alarmLog10 / 2).toPrecision(2))),
      }),
      closeLog10 === null ? t.driftNeverCloses : t.driftCloses,
      fill(t.driftHarmText, {
        watch: n.fixed(harmWatchLog10, 1),
        close: n.fixed(harmCloseLog10, 1),
      }),
    ].join(c.language === 'zh' ? '' : ' '),
    keys: looks.map(({ name, colour, dash }) => ({ name, colour, look: dash })),
    height: 320,
    option: (size) => ({
      xAxis: {
        ...countAxis(c, t.axisUnits, size),
        max: Math.max(1, e.document.stream.units),
        axisLine: { onZero: false, lineStyle: { color: COLOUR.quiet } },
      },
      yAxis: numberAxis(c, t.axisEvidence, { min: FLOOR, max: Math.ceil(highest + 0.5) }),
      series: looks.map(({ of, name, colour, dash }, i) => ({
        ...line(
          name,
          points.map((p) => [p.unit, shown(p[of])] as const),
          { colour, dash },
        ),
        ...(i === 0
          ? {
              markLine: limits(
                limit(t.driftAlarm, alarmLog10, '#9a6a00'),
                ...(closeLog10 === null ? [] : [limit(t.driftClose, closeLog10, COLOUR.red)]),
              ),
            }
          : {}),
      })),
    }),
    table: {
      head: [t.colUnit, ...looks.map((l) => l.name)],
      rows: thinned(points).map((p) => [
        n.whole(p.unit),
        ...looks.map((l) => n.fixed(Math.max(-99, p[l.of]), 2, 'up')),
      ]),
    },
  };
}
