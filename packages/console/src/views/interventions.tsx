import { interventionSchema, type LineView, type StationCard, type TouchSums } from '@selvedge/core/records';
import { useState } from 'react';
import { DO } from '../api/paths.js';
import { TYPES, useWords } from '../language/use-words.js';
import { useSite, useStore } from '../live/use-site.js';
import { DialogForm, Field, TextField, useAct } from '../parts/form.js';

type InterventionRow = LineView['interventions'][number];

/** Interventions by kind; judgements stand apart, they are never mixed with the others in one figure. */
export function Interventions({
  rows,
  sums,
  since,
}: {
  rows: readonly InterventionRow[];
  sums: TouchSums;
  since: string;
}) {
  const { t } = useWords();
  if (rows.length === 0) return <p className="empty">{t('interventionsNone', { time: since })}</p>;
  return (
    <div className="touches">
      <Rows title={t('interventionsOther')} rows={rows.filter(({ verdict }) => !verdict)} sum={sums.others} />
      <Rows
        title={t('interventionsVerdict')}
        rows={rows.filter(({ verdict }) => verdict)}
        sum={sums.judgements}
      />
    </div>
  );
}

function Rows({
  title,
  rows,
  sum,
}: {
  title: string;
  rows: readonly InterventionRow[];
  sum: TouchSums['others'];
}) {
  const { t, intervention } = useWords();
  if (rows.length === 0) return null;
  return (
    <table className="table">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">{t('colType')}</th>
          <th scope="col">{t('colCount')}</th>
          <th scope="col">{t('ledgerSeconds')}</th>
          <th scope="col">{t('colPer100')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.type}>
            <th scope="row">{intervention(row.type)}</th>
            <Figures of={row} />
          </tr>
        ))}
      </tbody>
      {rows.length > 1 && (
        <tfoot>
          <tr>
            <th scope="row">{t('ledgerAll')}</th>
            <Figures of={sum} />
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function Figures({ of: { count, seconds, per100Good, interval } }: { of: TouchSums['others'] }) {
  const { format } = useWords();
  return (
    <>
      <td>{format.whole(count)}</td>
      <td>{format.whole(seconds)}</td>
      <td>
        {per100Good === null ? '–' : format.ratio(per100Good)}
        {interval && (
          <small>
            {' '}
            ({format.ratio(interval[0])}–{format.ratio(interval[1])})
          </small>
        )}
      </td>
    </>
  );
}

/** Kinds that a person enters by hand; judgements are counted by the questions themselves. */
const BY_HAND = Object.keys(TYPES).filter((type) => type !== 'verdict' && type !== 'audit');

export function InterventionDialog({
  stations,
  onClose,
}: {
  stations: readonly StationCard[];
  onClose: () => void;
}) {
  const { t, intervention } = useWords();
  const site = useSite();
  const own = useStore(site.session).value?.interventions ?? [];
  const act = useAct();
  const [station, setStation] = useState(stations[0]?.id ?? '');
  const [type, setType] = useState('');
  const [seconds, setSeconds] = useState('');
  const save = async () => {
    const body = { station, type, seconds: Number(seconds.replace(',', '.')) };
    if (type === '') return act.say(t('interventionPick'));
    if (seconds.trim() === '' || !interventionSchema.safeParse(body).success) {
      act.say(t('badNumber'));
      return;
    }
    if (!(await act.post(DO.interventions, body))) return;
    site.refresh();
    onClose();
  };
  return (
    <DialogForm title={t('interventionAdd')} act={act} does={t('save')} onDo={save} onClose={onClose}>
      <Field label={t('station')}>
        {(ids) => (
          <select {...ids} value={station} onChange={(event) => setStation(event.target.value)}>
            {stations.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <fieldset className="field pills">
        <legend>{t('interventionType')}</legend>
        {[...own.filter((one) => !BY_HAND.includes(one)), ...BY_HAND].map((one) => (
          <label key={one} className="pill">
            <input type="radio" name="type" checked={type === one} onChange={() => setType(one)} />
            <span>{intervention(one)}</span>
          </label>
        ))}
      </fieldset>
      <TextField label={t('interventionSeconds')} inputMode="decimal" value={seconds} onChange={setSeconds} />
    </DialogForm>
  );
}
