import { findingSchema, mayRole, type UnitView } from '@selvedge/core/records';
import { type FormEvent, useState } from 'react';
import { ASK, DO } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Empty, Loaded } from '../parts/empty.js';
import { Field, TextField, useAct, Wrong } from '../parts/form.js';
import { Observation } from '../parts/observation.js';
import { go } from '../router/use-route.js';
import { eventInWords } from './event-words.js';

/** Everything that happened to one unit. */
export function UnitPage({ id }: { id: string }) {
  const { t } = useWords();
  const known = useLive(ASK.unit(id), { wants: ({ subject }) => subject === id });
  if (known.value === null && known.fault?.status === 404)
    return (
      <div className="page">
        <Empty title={t('unitTitle', { unit: id })}>
          <p>{t('unitNone')}</p>
        </Empty>
        <Find />
      </div>
    );
  return <Loaded known={known}>{(unit) => <Unit unit={unit} />}</Loaded>;
}

function Find() {
  const { t } = useWords();
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== '') go({ view: 'unit', id: text.trim() });
  };
  return (
    <form className="find" onSubmit={submit}>
      <TextField label={t('unitFind')} value={text} onChange={setText} />
      <button type="submit" className="button">
        {t('unitFindDo')}
      </button>
    </form>
  );
}

function Unit({ unit }: { unit: UnitView }) {
  const words = useWords();
  const { t, format } = words;
  const { value: session } = useStore(useSite().session);
  const seen = useLive(ASK.observation(unit.id), { wants: () => false });
  const role = session?.user?.role;
  return (
    <div className="page unit-page">
      <header className="page-head">
        <div>
          <p className="quiet-text">
            {unit.part !== null && `${t('unitPart')} ${unit.part}`}
            {unit.part !== null && unit.lot !== null && ' · '}
            {unit.lot !== null && `${t('unitLot')} ${unit.lot}`}
          </p>
          <h1>{t('unitTitle', { unit: unit.id })}</h1>
        </div>
        <Find />
      </header>
      <div className="columns unit-columns">
        <section aria-labelledby="seen">
          <h2 id="seen">{t('unitSeen')}</h2>
          <Loaded known={seen}>{(view) => <Observation view={view} unit={unit.id} />}</Loaded>
          {role && mayRole(role, 'judge') && <Finding unit={unit.id} />}
        </section>
        <section aria-labelledby="timeline">
          <h2 id="timeline">{t('unitTimeline')}</h2>
          {unit.waits && <p className="notice">{t('unitWaits')}</p>}
          <ol className="timeline">
            {unit.events.map((event) => {
              const { main, more } = eventInWords(event, words);
              return (
                <li key={event.seq}>
                  <time dateTime={new Date(event.atMs).toISOString()} title={format.moment(event.atMs)}>
                    {format.clockSeconds(event.atMs)}
                  </time>
                  <div>
                    <p>
                      <b>{main}</b>
                      {event.user !== null && <> {t('by', { who: event.user })}</>}
                    </p>
                    {more !== '' && <p className="quiet-text">{more}</p>}
                    <details>
                      <summary>
                        #{format.whole(event.seq)} · {event.kind}
                      </summary>
                      <dl className="pairs">
                        {event.station !== null && (
                          <div>
                            <dt>{t('station')}</dt>
                            <dd>{event.station}</dd>
                          </div>
                        )}
                        <div>
                          <dt>{t('hash')}</dt>
                          <dd>
                            <code className="hash">{event.hash}</code>
                          </dd>
                        </div>
                      </dl>
                      <pre>{JSON.stringify(event.body, null, 1)}</pre>
                    </details>
                  </div>
                </li>
              );
            })}
          </ol>
        </section>
      </div>
    </div>
  );
}

function Finding({ unit }: { unit: string }) {
  const { t } = useWords();
  const site = useSite();
  const act = useAct();
  const [where, setWhere] = useState<'end-of-line' | 'customer'>('end-of-line');
  const [label, setLabel] = useState('');
  const [note, setNote] = useState('');
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    const body = { unit, where, label: label.trim(), note: note.trim() };
    if (body.label === '' || !findingSchema.safeParse(body).success) {
      act.say(t('fieldEmpty'));
      return;
    }
    if (!(await act.post(DO.findings, body))) return;
    setLabel('');
    setNote('');
    setDone(true);
    site.refresh();
  };
  return (
    <form className="box" onSubmit={(event) => void submit(event)} noValidate>
      <h2>{t('findingTitle')}</h2>
      <p>{t('findingText')}</p>
      <fieldset className="field pills">
        <legend>{t('findingWhere')}</legend>
        {(['end-of-line', 'customer'] as const).map((one) => (
          <label key={one} className="pill">
            <input type="radio" name="where" checked={where === one} onChange={() => setWhere(one)} />
            <span>{t(one === 'customer' ? 'findingCustomer' : 'findingEnd')}</span>
          </label>
        ))}
      </fieldset>
      <TextField label={t('findingLabel')} value={label} maxLength={120} onChange={setLabel} />
      <Field label={t('findingNote')}>
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      <Wrong text={act.wrong} />
      <button type="submit" className="button danger" disabled={act.busy}>
        {t('findingDo')}
      </button>
      <p role="status">{done && t('done')}</p>
    </form>
  );
}
