import type { ObservationView } from '@selvedge/core/records';
import { useEffect, useId, useRef, useState } from 'react';
import { useWords } from '../language/use-words.js';
import { extent, scale, stretches, tracePath } from './scale.js';

/** What the model shows after an answer. */
export interface Shown {
  readonly marks: readonly (readonly number[])[] | null;
  readonly heatHref: string | null;
}

/** Readings so many spreads from a typical good one are marked. */
const MARK_LEVEL = 3;
/** Channels drawn in a small picture. */
const MOST_SMALL = 2;

/** What was seen of a unit; `shown` only after the answer (or when help was asked for). */
export function Observation({
  view,
  unit,
  shown = null,
  small = false,
}: {
  view: ObservationView;
  unit: string;
  shown?: Shown | null;
  small?: boolean;
}) {
  const { t, said, word } = useWords();
  switch (view.kind) {
    case 'series': {
      // Small, beside the next question, only what the model marked has room; else the first of them.
      const all = view.channels.map((channel, i) => ({ ...channel, i }));
      const marked = all.filter(({ i }) => shown?.marks?.[i]?.some((mark) => Math.abs(mark) >= MARK_LEVEL));
      const drawn = small ? (marked.length > 0 ? marked : all).slice(0, MOST_SMALL) : all;
      return (
        <div className={`panels${small ? ' panels-small' : ''}`} data-count={Math.min(drawn.length, 9)}>
          {drawn.map(({ name, unit: of, i }) => (
            <Panel
              key={name}
              name={word(name)}
              unit={word(of)}
              values={view.values[i] ?? []}
              marks={shown?.marks?.[i] ?? null}
            />
          ))}
        </div>
      );
    }
    case 'image':
      return (
        <div className="picture">
          <img src={view.href} width={view.width} height={view.height} alt={t('obsImage', { unit })} />
          {shown?.heatHref && <img className="heat" src={shown.heatHref} alt={t('obsHeat')} />}
        </div>
      );
    case 'pair': {
      const part = { unit, shown, small };
      return (
        <div className={`pair${small ? ' pair-small' : ''}`}>
          <Observation view={view.image} {...part} />
          <Observation view={view.series} {...part} />
        </div>
      );
    }
    case 'map':
      return <PlaceMap width={view.width} height={view.height} cells={view.cells} />;
    case 'row':
      return <Row view={view} unit={unit} />;
    case 'gone':
      return <p className="empty">{t('obsGone', { why: said(view.why) })}</p>;
  }
}

const HIGH = 100;
const WIDE = 400;

/** One channel; the picture is stretched to its place, lines keep their width. */
function Panel({
  name,
  unit,
  values,
  marks,
}: {
  name: string;
  unit: string;
  values: readonly number[];
  marks: readonly number[] | null;
}) {
  const { t, format } = useWords();
  const id = useId();
  const range = extent(values) ?? { low: 0, high: 1 };
  const pad = (range.high - range.low) * 0.08 || 1;
  const y = scale(range.low - pad, range.high + pad, HIGH, 0);
  const [low, high] = [format.reading(range.low), format.reading(range.high)];
  const wide = values.length > 1 ? WIDE / (values.length - 1) : WIDE;
  return (
    <figure className="panel">
      <figcaption>
        <b>{name}</b> <span className="panel-unit">{unit}</span>
      </figcaption>
      <div className="panel-plot">
        <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-labelledby={id}>
          <title id={id}>{t('obsSeries', { name, n: format.whole(values.length), low, high, unit })}</title>
          {marks &&
            stretches(marks, MARK_LEVEL).map(([from, to]) => (
              <rect
                key={from}
                className="mark"
                x={Math.max(0, from * wide - wide / 2 - 2)}
                y="0"
                width={(to - from + 1) * wide + 4}
                height={HIGH}
              />
            ))}
          <path d={tracePath(values, WIDE, y)} className="trace" vectorEffect="non-scaling-stroke" />
        </svg>
        <span className="panel-high">{high}</span>
        <span className="panel-low">{low}</span>
      </div>
    </figure>
  );
}

const COLOURS = ['--map-out', '--map-good', '--map-bad'];

/** A map of places: `cells` holds one digit a place, row by row (0 outside, 1 good, 2 bad). */
export function PlaceMap({ width, height, cells }: { width: number; height: number; cells: string }) {
  const { t, format } = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || width < 1 || height < 1) return;
    const size = Math.max(1, Math.floor(720 / Math.max(width, height)));
    element.width = width * size;
    element.height = height * size;
    const style = getComputedStyle(element);
    for (let i = 0; i < width * height; i++) {
      const colour = COLOURS[Number(cells[i] ?? 0)] ?? '--map-out';
      pen.fillStyle = style.getPropertyValue(colour);
      pen.fillRect((i % width) * size, Math.floor(i / width) * size, size, size);
    }
  }, [width, height, cells]);
  const bad = cells.split('2').length - 1;
  const values = { width: format.whole(width), height: format.whole(height), bad: format.whole(bad) };
  return <canvas className="place-map" ref={canvas} role="img" aria-label={t('obsMap', values)} />;
}

const FIRST = 24;

function Row({ view, unit }: { view: Extract<ObservationView, { kind: 'row' }>; unit: string }) {
  const { t, format, word } = useWords();
  const [all, setAll] = useState(false);
  const shown = all ? view.values : view.values.slice(0, FIRST);
  return (
    <div className="readings">
      <dl aria-label={t('obsRow', { unit })}>
        {shown.map((value, i) => {
          const name = view.names?.[i] ?? `#${i + 1}`;
          return (
            <div key={name}>
              <dt>{word(name)}</dt>
              <dd>{value === null ? '–' : format.reading(value)}</dd>
            </div>
          );
        })}
      </dl>
      {view.values.length > FIRST && !all && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          {t('afterShow')} ({format.whole(view.values.length - FIRST)})
        </button>
      )}
    </div>
  );
}
