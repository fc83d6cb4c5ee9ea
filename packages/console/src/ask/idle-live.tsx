import { ASK } from '../api/paths.js';
import { useLive } from '../live/use-site.js';
import { linkTo } from '../router/use-route.js';
import { LiveUnit } from '../views/live-unit/live-unit.js';

/** While nothing is asked: the units that are being made, where a station shows them. */
export function IdleLive() {
  const line = useLive(ASK.line, { everyMs: 10_000 });
  const live = line.value?.stations.filter((card) => card.live) ?? [];
  if (live.length === 0) return null;
  return (
    <ol className="idle-live">
      {live.map(({ id, name }) => (
        <li key={id}>
          <h2>
            <a {...linkTo({ view: 'station', id })}>{name}</a>
          </h2>
          <LiveUnit
            station={id}
            name={name}
            last={line.value?.lastUnits.find(({ station }) => station === id)?.id ?? null}
          />
        </li>
      ))}
    </ol>
  );
}
