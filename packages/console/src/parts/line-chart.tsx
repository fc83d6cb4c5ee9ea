import { useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../language/use-words.js';
import { extent, scale, ticks, timeTicks } from './scale.js';

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly look: 'main' | 'second' | 'third' | 'faint';
  /** A value holds until the next one. */
  readonly steps?: boolean;
}

export interface Limit {
  readonly name: string;
  readonly y: number;
}

interface Props {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly limits?: readonly Limit[];
  /** One point that matters. */
  readonly point?: { readonly name: string; readonly x: number; readonly y: number } | null;
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
  /** What an axis measures, with its unit. */
  readonly xName: string;
  readonly yName: string;
  /** The horizontal axis is a clock. */
  readonly times?: boolean;
  /** The vertical axis always holds these. */
  readonly yHolds?: readonly number[];
  readonly yMost?: number;
  /** The vertical axis has whole numbers only. */
  readonly yWhole?: boolean;
  readonly height?: number;
}

/** Where the plot begins below the name of its axis, px. */
const TOP = 28;

/** Lines over a common axis, their limits, and the same figures as a table. Drawn at the width it is given. */
export function LineChart({
  title,
  lines,
  limits = [],
  point = null,
  x,
  y,
  xName,
  yName,
  times = false,
  yHolds = [],
  yMost,
  yWhole = false,
  height = 250,
}: Props) {
  const { t, format } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const id = useId();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.round(entry.contentRect.width)));
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const all = lines.flatMap(({ points }) => points);
  const xs = extent(all.map(([px]) => px)) ?? { low: 0, high: 1 };
  const ys = extent([
    ...all.map(([, py]) => py),
    ...limits.map((limit) => limit.y),
    ...yHolds,
    ...(point ? [point.y] : []),
  ]) ?? { low: 0, high: 1 };
  const high = Math.min(yMost ?? Number.POSITIVE_INFINITY, ys.high + (ys.high - ys.low) * 0.06);
  const yTicks = ticks(ys.low, high, 4, yWhole);
  const left = Math.max(...yTicks.map((tick) => y(tick).length), 3) * 7.6 + 12;
  const xMost = Math.max(2, Math.floor(width / 90));
  const xTicks = times
    ? timeTicks(xs.low, xs.high, { most: xMost, offset: format.zone.offsetMs(xs.high) })
    : ticks(xs.low, xs.high, xMost);
  const right = width - 12;
  const bottom = height - 42;
  const px = scale(xs.low, xs.high, left, right);
  const py = scale(ys.low, high, bottom, TOP);
  const clipped = (value: number) => Math.max(-40, py(value));
  const path = ({ points, steps }: Line) =>
    points
      .map(([ax, ay], i) => {
        const to = `${px(ax).toFixed(1)} ${clipped(ay).toFixed(1)}`;
        if (i === 0) return `M${to}`;
        return steps ? `H${px(ax).toFixed(1)}V${clipped(ay).toFixed(1)}` : `L${to}`;
      })
      .join('');
  // Two limits that lie close together share the space: the later label goes below its line.
  const labels = limits.map((limit, i) => {
    const at = clipped(limit.y);
    const near = limits.slice(0, i).some((other) => Math.abs(clipped(other.y) - at) < 15);
    return near || at < TOP + 12 ? at + 13 : at - 5;
  });
  return (
    <figure className="chart" ref={box as React.RefObject<HTMLElement | null>}>
      <ul className="legend" aria-hidden="true">
        {lines.map(({ name, look }) => (
          <li key={name}>
            <svg viewBox="0 0 24 8" className="legend-key" aria-hidden="true">
              <path d="M0 4h24" className={`line line-${look}`} />
            </svg>
            {name}
          </li>
        ))}
        {point && (
          <li>
            <svg viewBox="0 0 24 8" className="legend-key" aria-hidden="true">
              <circle cx="12" cy="4" r="4" className="point" />
            </svg>
            {point.name}
          </li>
        )}
      </ul>
      <svg width={width} height={height} role="img" aria-labelledby={id} className="plot">
        <title id={id}>{title}</title>
        <clipPath id={`${id}-frame`}>
          <rect x={left} y={TOP - 8} width={right - left + 8} height={bottom - TOP + 12} />
        </clipPath>
        <text x="0" y="12" className="axis-name">
          {yName}
        </text>
        <text x={right} y={height - 6} textAnchor="end" className="axis-name">
          {xName}
        </text>
        {yTicks.map((tick) => (
          <g key={tick}>
            <path d={`M${left} ${py(tick).toFixed(1)}H${right}`} className="grid" />
            <text x={left - 8} y={py(tick) + 4} textAnchor="end">
              {y(tick)}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <text key={tick} x={px(tick)} y={bottom + 18} textAnchor={px(tick) > right - 20 ? 'end' : 'middle'}>
            {x(tick)}
          </text>
        ))}
        {limits.map((limit) => (
          <path key={limit.name} d={`M${left} ${clipped(limit.y).toFixed(1)}H${right}`} className="limit" />
        ))}
        {lines.map((line) => (
          <path
            key={line.name}
            d={path(line)}
            className={`line line-${line.look}`}
            clipPath={`url(#${id}-frame)`}
          />
        ))}
        {limits.map((limit, i) => (
          <text key={limit.name} x={right} y={labels[i] ?? 0} textAnchor="end" className="limit-name">
            {limit.name}
          </text>
        ))}
        {point && <circle cx={px(point.x)} cy={clipped(point.y)} r="6" className="point" />}
      </svg>
      <details>
        <summary>{t('table')}</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reached by keyboard */}
        <section className="scroll" tabIndex={0} aria-label={title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{xName}</th>
                {lines.map(({ name }) => (
                  <th scope="col" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {/* Several points may share a place: what happened in one millisecond is one row. */}
              {[...new Set(thinned(lines[0]?.points ?? [], 40).map(([ax]) => ax))].map((ax) => (
                <tr key={ax}>
                  <td>{x(ax)}</td>
                  {lines.map(({ name, points }) => {
                    const found = points.findLast(([bx]) => bx === ax);
                    return <td key={name}>{found ? y(found[1]) : '–'}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}

/** At most `most` of them, evenly, with the last. */
export function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => items[Math.round(i * step)] as T);
}
