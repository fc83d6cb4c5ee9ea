import { useWords } from '../language/use-words.js';
import { useStore } from '../live/use-site.js';
import { Observation, type Shown } from '../parts/observation.js';
import type { Observations } from './observations.js';

/** What was seen of one unit, as soon as it is there. */
export function SeenOf({
  observations,
  unit,
  shown = null,
  small = false,
}: {
  observations: Observations;
  unit: string;
  shown?: Shown | null;
  small?: boolean;
}) {
  const words = useWords();
  const { view, fault } = useStore(observations.of(unit));
  if (view) return <Observation view={view} unit={unit} shown={shown} small={small} />;
  if (fault)
    return (
      <p className="empty" role="alert">
        {words.t('obsMissing', { why: words.fault(fault) })}
      </p>
    );
  return <p className="empty">{words.t('loading')}</p>;
}
