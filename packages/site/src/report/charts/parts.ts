import type { Context } from '../context.js';
import { COLOUR, type Dash, type Size } from './figure.js';

type Point = readonly [number, number];

const quietAxis = {
  axisLine: { lineStyle: { color: COLOUR.quiet } },
  axisLabel: { color: COLOUR.ink, hideOverlap: true },
  splitLine: { lineStyle: { color: COLOUR.rule } },
};

/** An x axis of unit numbers (or positions). */
export function countAxis(c: Context, name: string, { narrow }: Size): Record<string, unknown> {
  return {
    ...quietAxis,
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: narrow ? 26 : 30,
    nameTextStyle: { color: COLOUR.quiet },
    min: 0,
    max: 'dataMax',
    splitNumber: narrow ? 4 : 8,
    splitLine: { show: false },
    axisLabel: { ...quietAxis.axisLabel, showMaxLabel: false, formatter: (v: number) => c.n.whole(v) },
  };
}

/** An axis of rates 0..`max`, in per cent. */
export function rateAxis(c: Context, name: string, max: number): Record<string, unknown> {
  return {
    ...quietAxis,
    type: 'value',
    name,
    nameTextStyle: { align: 'left', color: COLOUR.quiet, padding: [0, 0, 0, -40] },
    min: 0,
    max,
    axisLabel: { ...quietAxis.axisLabel, formatter: (v: number) => c.n.percent(v) },
  };
}

/** An axis of plain numbers. */
export function numberAxis(c: Context, name: string, more: Record<string, unknown>): Record<string, unknown> {
  return {
    ...quietAxis,
    type: 'value',
    name,
    nameTextStyle: { align: 'left', color: COLOUR.quiet, padding: [0, 0, 0, -40] },
    axisLabel: { ...quietAxis.axisLabel, formatter: (v: number) => c.n.reading(v) },
    ...more,
  };
}

export function line(
  name: string,
  points: readonly Point[],
  { colour, dash }: { colour: string; dash: Dash },
): Record<string, unknown> {
  const type = dash === 'dashed' ? [6, 4] : dash === 'dotted' ? [2, 3] : 'solid';
  return {
    name,
    type: 'line',
    data: points.map(([x, y]) => [x, y]),
    showSymbol: false,
    silent: true,
    emphasis: { disabled: true },
    lineStyle: { color: colour, type, width: 2.25 },
    itemStyle: { color: colour },
    z: 3,
  };
}

/** Keeps a name readable where a line runs behind it. */
export const HALO = { textBorderColor: '#fff', textBorderWidth: 3 };

/** A horizontal limit with its name written on it. */
export function limit(name: string, y: number, colour: string): Record<string, unknown> {
  return {
    yAxis: y,
    label: { formatter: name, position: 'insideStartTop', color: colour, fontWeight: 600, ...HALO },
    lineStyle: { color: colour, type: [10, 3, 2, 3], width: 1.5 },
  };
}

export const limits = (...data: readonly Record<string, unknown>[]): Record<string, unknown> => ({
  silent: true,
  symbol: 'none',
  // The library's default rounds the place of a line to two decimals: a budget of 0.005 would stand at 0.01.
  precision: 15,
  emphasis: { disabled: true },
  data,
});

/** At most `most` rows, evenly spaced, first and last among them. */
export function thinned<T>(rows: readonly T[], most = 20): readonly T[] {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, i) => rows[Math.round((i * (rows.length - 1)) / (most - 1))]!);
}

/** A round number not below `value`: the top of an axis. */
export function roundTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((s) => s * unit >= value * (1 - 1e-9)) ?? 10;
  return Number((step * unit).toPrecision(3));
}
