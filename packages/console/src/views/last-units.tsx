import type { StationCard, UnitLine } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { DispositionMark } from '../parts/disposition-mark.js';
import { linkTo } from '../router/use-route.js';

/** The newest units of the line, newest first. */
export function LastUnits({
  units,
  stations,
}: {
  units: readonly UnitLine[];
  stations: readonly StationCard[];
}) {
  const { t, format, answer } = useWords();
  if (units.length === 0) return <p className="empty">{t('lastUnitsNone')}</p>;
  const names = new Map(stations.map(({ id, name }) => [id, name]));
  const by = { gate: t('byGate'), person: t('byPerson'), deadline: t('byDeadline') };
  return (
    <table className="table units">
      <thead>
        <tr>
          <th scope="col">{t('colTime')}</th>
          <th scope="col">{t('unit')}</th>
          {stations.length > 1 && <th scope="col">{t('station')}</th>}
          <th scope="col">{t('colResult')}</th>
        </tr>
      </thead>
      <tbody>
        {units.map((unit) => (
          <tr key={unit.seq}>
            <td>{format.clockSeconds(unit.atMs)}</td>
            <th scope="row">
              <a {...linkTo({ view: 'unit', id: unit.id })}>{unit.id}</a>
            </th>
            {stations.length > 1 && (
              <td className="station-name">{names.get(unit.station) ?? unit.station}</td>
            )}
            <td>
              <DispositionMark disposition={unit.disposition} />
              {unit.by && <small> {by[unit.by]}</small>}
              {unit.label && <small> · {answer(unit.label)}</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
