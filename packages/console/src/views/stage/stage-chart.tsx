import type { StageShow } from '@selvedge/core/records';
import { useId } from 'react';
import { useWords } from '../../language/use-words.js';
import { extent, scale, ticks } from '../../parts/scale.js';

const WIDE = 460;
const HIGH = 210;
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 12, 10, 40];

/** Courses and single readings over a common axis, with their limits. */
export function StageChart({ chart }: { chart: StageShow['charts'][number] }) {
  const { format, language } = useWords();
  const id = useId();
  const { lines, limits } = chart;
  const all = lines.flatMap(({ points }) => points);
  const xs = extent(all.map(([x]) => x)) ?? { low: 0, high: 1 };
  const ys = extent([0, ...all.map(([, y]) => y), ...limits.map(({ at }) => at)]) ?? { low: 0, high: 1 };
  const x = scale(xs.low, xs.high === xs.low ? xs.low + 1 : xs.high, LEFT, WIDE - RIGHT);
  const y = scale(ys.low, ys.high === ys.low ? ys.low + 1 : ys.high, HIGH - BOTTOM, TOP);
  const last = lines[0]?.points.at(-1);
  const told = last === undefined ? '' : ` ${format.reading(last[1])} ${chart.unit}`;
  return (
    <figure className="stage-chart">
      <figcaption>{chart.title[language]}</figcaption>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-labelledby={id}>
        <title id={id}>{`${chart.title[language]}:${told}`}</title>
        {ticks(ys.low, ys.high, 4).map((tick) => (
          <g key={tick}>
            <path d={`M${LEFT} ${y(tick).toFixed(1)}H${WIDE - RIGHT}`} className="grid" />
            <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
              {format.reading(tick)}
            </text>
          </g>
        ))}
        {ticks(xs.low, xs.high, 6, true).map((tick) => (
          <text key={tick} x={x(tick)} y={HIGH - BOTTOM + 16} textAnchor="middle">
            {format.reading(tick)}
          </text>
        ))}
        <text x={(LEFT + WIDE - RIGHT) / 2} y={HIGH - 6} textAnchor="middle">
          {chart.across[language]}
        </text>
        {limits.map(({ name, at }) => (
          <path
            key={`${name.en}${at}`}
            d={`M${LEFT} ${y(at).toFixed(1)}H${WIDE - RIGHT}`}
            className="limit"
          />
        ))}
        {limits.slice(0, 1).map(({ name, at }) => (
          <text
            key={name.en}
            x={WIDE - RIGHT}
            y={y(at) + (y(at) < 30 ? 14 : -5)}
            textAnchor="end"
            className="limit-name"
          >
            {name[language]}
          </text>
        ))}
        {lines.map(({ name, points, dots }, i) =>
          dots ? (
            <g key={name.en} className={`stage-dot-${i % 2}`}>
              {points.map(([px, py], k) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two readings may be the same
                <circle key={k} cx={x(px)} cy={y(py)} r="4" />
              ))}
            </g>
          ) : (
            <path
              key={name.en}
              className={`stage-line-${i % 2}`}
              d={points
                .map(([px, py], k) => `${k === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`)
                .join('')}
            />
          ),
        )}
      </svg>
      {lines.length > 1 && (
        <p className="stage-keys" aria-hidden="true">
          {lines.map(({ name, dots }, i) => (
            <span key={name.en}>
              <svg viewBox="0 0 22 10" aria-hidden="true">
                {dots ? (
                  <circle cx="11" cy="5" r="4" className={`stage-dot-${i % 2}`} />
                ) : (
                  <path d="M0 5h22" className={`stage-line-${i % 2}`} />
                )}
              </svg>
              {name[language]}
            </span>
          ))}
        </p>
      )}
    </figure>
  );
}
