import { useWords } from '../../language/use-words.js';
import { type Frame, frameOf, type GrowingTrace } from '../../live/seen.js';
import { scale, tracePath } from '../../parts/scale.js';

const HIGH = 100;
const WIDE = 400;

/** One list that grows from left to right, before the faint one of the unit before. Its scale stays from unit to unit. */
export function LiveTrace({ name, unit, trace }: { name: string; unit: string; trace: GrowingTrace }) {
  const { t, format } = useWords();
  const frame = frameOf(trace);
  const latest = trace.values.findLast(Number.isFinite);
  const value = latest === undefined ? '–' : format.steady(latest, decimalsOf(frame));
  const said =
    latest === undefined
      ? t('liveTraceNone', { name })
      : t('liveTrace', { name, value, unit, n: format.whole(trace.values.length) });
  return (
    <figure className="live-trace">
      <figcaption>
        <span>{name}</span>
        <b>
          {value} {latest !== undefined && <span className="panel-unit">{unit}</span>}
        </b>
      </figcaption>
      <div className="live-plot panel-plot">
        <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={said}>
          {frame && <Drawn trace={trace} frame={frame} />}
        </svg>
        {frame && (
          <>
            <span className="panel-high">{format.reading(frame.high)}</span>
            {frame.around && <span className="live-zero">0</span>}
            <span className="panel-low">{format.reading(frame.low)}</span>
          </>
        )}
      </div>
      {frame?.around && <CloseUp trace={trace} frame={frame} />}
    </figure>
  );
}

/** Readings of the close-up. */
const CLOSE = 40;
const CLOSE_HIGH = 64;
/** Share of a reading's room that its mark takes. */
const MARK = 0.62;

/** The newest readings one by one, each a mark along the course that it took. Says nothing that the trace above does not. */
function CloseUp({ trace, frame }: { trace: GrowingTrace; frame: Frame }) {
  const near = trace.values.slice(-CLOSE);
  const most = Math.max(frame.high / 4, ...near.filter(Number.isFinite).map(Math.abs));
  const y = scale(-most, most, CLOSE_HIGH - 6, 6);
  const step = WIDE / CLOSE;
  const marks = near.flatMap((value, i) => {
    const next = near[i + 1] ?? value;
    if (!Number.isFinite(value) || !Number.isFinite(next)) return [];
    const to = value + (next - value) * MARK;
    return `M${(i * step).toFixed(1)} ${y(value).toFixed(1)}L${((i + MARK) * step).toFixed(1)} ${y(to).toFixed(1)}`;
  });
  return (
    <svg
      viewBox={`0 0 ${WIDE} ${CLOSE_HIGH}`}
      preserveAspectRatio="none"
      className="live-close"
      aria-hidden="true"
    >
      <path d={`M0 ${y(0)}H${WIDE}`} className="live-wanted" vectorEffect="non-scaling-stroke" />
      <path d={marks.join('')} className="live-marks" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Three digits of what the frame spans. */
const decimalsOf = (frame: Frame | null): number =>
  frame === null ? 0 : Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(frame.high - frame.low))));

function Drawn({ trace, frame }: { trace: GrowingTrace; frame: Frame }) {
  const y = scale(frame.low, frame.high, HIGH - 3, 3);
  const wide = (values: readonly number[]) =>
    frame.length > 1 ? (WIDE * (values.length - 1)) / (frame.length - 1) : 0;
  const path = (values: readonly number[]) => tracePath(values, wide(values), y);
  const last = trace.values.length - 1;
  const head = trace.values[last];
  return (
    <>
      {frame.around && (
        <path d={`M0 ${y(0)}H${WIDE}`} className="live-wanted" vectorEffect="non-scaling-stroke" />
      )}
      <path d={path(trace.before)} className="trace live-before" vectorEffect="non-scaling-stroke" />
      <path
        d={path(trace.values)}
        className={`trace${frame.around ? ' live-path' : ''}`}
        vectorEffect="non-scaling-stroke"
      />
      {head !== undefined && Number.isFinite(head) && last > 0 && (
        // A line of no length with round ends: a dot that stays round in a stretched picture.
        <path
          d={`M${wide(trace.values).toFixed(1)} ${y(head).toFixed(1)}h0.01`}
          className="live-at"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </>
  );
}
