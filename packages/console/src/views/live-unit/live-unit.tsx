import { Fragment, type ReactNode, useEffect, useState } from 'react';
import { useWords } from '../../language/use-words.js';
import type { GrowingTrace, Seen } from '../../live/seen.js';
import { useSite, useStore } from '../../live/use-site.js';
import { LastPicture } from './last-picture.js';
import { LiveTrace } from './live-trace.js';
import { useSeen } from './use-seen.js';

/** Nothing changed for so long: the equipment stands still, ms. */
const STILL_MS = 4000;

/** A unit while it is being made at a station. */
export function LiveUnit({
  station,
  name,
  last,
}: {
  station: string;
  name: string;
  /** The newest finished unit of the station; null where there is none. */
  last: string | null;
}) {
  const { t, format } = useWords();
  const [held, setHeld] = useState(false);
  const seen = useSeen(station, held);
  const up = useStore(useSite().live.up);
  const still = useStill(seen.changedAt);
  const tags = seen.tags ?? [];
  const waits = seen.changedAt === null;
  const lost = tags.length > 0 && tags.every(({ tag }) => seen.lost.has(tag));
  const scalars = tags.filter(({ tag }) => seen.scalars.has(tag));
  const state = stateOf({ held, away: !up && !waits, lost, waits, still });
  return (
    <section
      className={`live-unit${state === 'liveNow' ? ' live-runs' : ''}`}
      aria-label={t('liveUnitTitle', { name })}
    >
      <header className="live-head">
        <p>
          <span className="live-dot" aria-hidden="true" />
          {t(state)}
        </p>
        <button type="button" className="button quiet" aria-pressed={held} onClick={() => setHeld(!held)}>
          {t('liveHold')}
        </button>
      </header>
      {scalars.length > 0 && (
        <dl className="live-values">
          {scalars.map(({ tag, name: of, unit }) => (
            <div key={tag}>
              <dt>{of}</dt>
              <dd>
                {scalarOf(seen.scalars.get(tag) ?? null, {
                  number: (value) => format.reading(value),
                  yes: t('liveYes'),
                  no: t('liveNo'),
                })}
                {unit !== '1' && typeof seen.scalars.get(tag) === 'number' && <small> {unit}</small>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Traces seen={seen} picture={<LastPicture unit={held ? null : last} />} />
    </section>
  );
}

/** What matters most comes first. */
function stateOf(is: { held: boolean; away: boolean; lost: boolean; waits: boolean; still: boolean }) {
  if (is.held) return 'liveHeld';
  if (is.away) return 'liveAway';
  if (is.lost) return 'liveLost';
  if (is.waits) return 'liveWait';
  return is.still ? 'liveStill' : 'liveNow';
}

const NONE: GrowingTrace = { values: [], before: [], rooms: [] };

/** Lists in the order of the station's settings, the picture of the unit before behind the first one; room is kept for the first one before anything is known. */
function Traces({ seen, picture }: { seen: Seen; picture: ReactNode }) {
  const known = seen.tags?.filter(({ tag }) => !seen.scalars.has(tag));
  if (known === undefined) return <div className="live-plot" />;
  const drawn = known.map(({ tag, name, unit }) => (
    <LiveTrace key={tag} name={name} unit={unit === '1' ? '' : unit} trace={seen.traces.get(tag) ?? NONE} />
  ));
  return [...drawn.slice(0, 1), <Fragment key="picture">{picture}</Fragment>, ...drawn.slice(1)];
}

function scalarOf(
  value: number | string | boolean | null,
  words: { number: (value: number) => string; yes: string; no: string },
): string {
  if (value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  return typeof value === 'number' ? words.number(value) : value;
}

/** True when nothing has changed for a while. @param changedAt steady ms */
function useStill(changedAt: number | null): boolean {
  const [stillAt, setStillAt] = useState<number | null>(null);
  useEffect(() => {
    if (changedAt === null) return;
    const left = Math.max(0, changedAt + STILL_MS - performance.now());
    const id = setTimeout(() => setStillAt(changedAt), left);
    return () => clearTimeout(id);
  }, [changedAt]);
  return changedAt !== null && stillAt === changedAt;
}
