import type { ShiftReport } from '@selvedge/core/records';
import { useState } from 'react';
import { ASK } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite } from '../live/use-site.js';
import { Loaded } from '../parts/empty.js';
import { MomentField } from '../parts/moment-field.js';
import { sentence } from '../parts/sentence.js';
import { StateMark } from '../parts/state-mark.js';
import { Interventions } from './interventions.js';

const HOUR_MS = 3_600_000;
/** The longest that the server sums up. */
const LONGEST_MS = 7 * 24 * HOUR_MS;

/** What a shift leaves behind, on paper. */
export function ShiftPage() {
  const { t } = useWords();
  const { clock } = useSite();
  const [span, setSpan] = useState(() => {
    const toMs = Math.ceil(clock.now() / 60_000) * 60_000;
    return { fromMs: toMs - 8 * HOUR_MS, toMs };
  });
  const known = useLive(ASK.shift(span.fromMs, span.toMs), { everyMs: 5000 });
  const set = (part: Partial<typeof span>) => {
    const next = { ...span, ...part };
    // What was chosen last stands; the other end moves along, at most a week away.
    const length = Math.min(Math.max(HOUR_MS, span.toMs - span.fromMs), LONGEST_MS);
    const wrong = next.fromMs >= next.toMs || next.toMs - next.fromMs > LONGEST_MS;
    if (!wrong) setSpan(next);
    else if (part.fromMs !== undefined) setSpan({ fromMs: part.fromMs, toMs: part.fromMs + length });
    else setSpan({ fromMs: next.toMs - length, toMs: next.toMs });
  };
  const last = (hours: number) => {
    const toMs = Math.ceil(clock.now() / 60_000) * 60_000;
    setSpan({ fromMs: toMs - hours * HOUR_MS, toMs });
  };
  return (
    <div className="page shift-page">
      <div className="shift-choice no-print">
        <div className="shift-moments">
          <MomentField
            label={t('shiftFrom')}
            value={span.fromMs}
            newestMs={clock.now()}
            onChange={(fromMs) => set({ fromMs })}
          />
          <MomentField
            label={t('shiftTo')}
            value={span.toMs}
            newestMs={clock.now()}
            onChange={(toMs) => set({ toMs })}
          />
        </div>
        <div className="actions">
          {[8, 12, 24].map((hours) => (
            <button type="button" className="button" key={hours} onClick={() => last(hours)}>
              {t('shiftLast', { n: String(hours) })}
            </button>
          ))}
          <button type="button" className="button primary" onClick={() => print()}>
            {t('shiftPrint')}
          </button>
        </div>
      </div>
      <Loaded known={known}>{(report) => <Sheet report={report} />}</Loaded>
    </div>
  );
}

function Sheet({ report }: { report: ShiftReport }) {
  const { t, format, origin, said } = useWords();
  const { clock } = useSite();
  const changes = report.stations
    .flatMap(({ card, transitions }) => transitions.map((one) => ({ ...one, name: card.name, id: card.id })))
    .sort((a, b) => a.atMs - b.atMs);
  // A time of day says which day only within one.
  const long = report.toMs - report.fromMs > 24 * HOUR_MS;
  return (
    <article className={`sheet${long ? ' sheet-long' : ''}`}>
      <header className="sheet-head">
        <h1>
          {t('shiftTitle')} · {report.site}
        </h1>
        <p className="sheet-when">
          {format.moment(report.fromMs)} – {format.moment(report.toMs)}{' '}
          <span className={`origin origin-${report.origin}`}>{origin(report.origin)}</span>
        </p>
        <p className="quiet-text">{t('shiftZone', { zone: format.zone.name })}</p>
      </header>
      {report.stations.length === 0 ? (
        <p className="empty">{t('shiftNone')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reached by keyboard
        <section className="scroll" tabIndex={0} aria-label={t('shiftTitle')}>
          <table className="table figures-table">
            <thead>
              <tr>
                <th scope="col">{t('station')}</th>
                <th scope="col">{t('shiftState')}</th>
                <th scope="col">{t('shiftUnits')}</th>
                <th scope="col">{t('shiftGood')}</th>
                <th scope="col">{t('shiftBad')}</th>
                <th scope="col">{t('shiftHeld')}</th>
                <th scope="col">{t('shiftOpen')}</th>
                <th scope="col">{t('automatic')}</th>
                <th scope="col">{t('shiftAsked')}</th>
                <th scope="col">{t('shiftAudits')}</th>
                <th scope="col">{t('shiftOverdue')}</th>
                <th scope="col">{t('shiftFindings')}</th>
                <th scope="col">{t('shiftAnswer')}</th>
              </tr>
            </thead>
            <tbody>
              {report.stations.map((row) => (
                <tr key={row.card.id}>
                  <th scope="row">{row.card.name}</th>
                  <td>
                    <StateMark state={row.card.state} />
                  </td>
                  <td>{format.whole(row.units)}</td>
                  <td>{format.whole(row.good)}</td>
                  <td>{format.whole(row.bad)}</td>
                  <td>{format.whole(row.held)}</td>
                  <td>{format.whole(row.open)}</td>
                  <td>
                    {format.whole(row.automatic)}
                    <small> {format.percent(row.units === 0 ? 0 : row.automatic / row.units)}</small>
                  </td>
                  <td>{format.whole(row.asked)}</td>
                  <td>
                    {format.whole(row.audits)}
                    <small> {t('shiftAuditsOf', { bad: format.whole(row.auditsBad) })}</small>
                  </td>
                  <td>{format.whole(row.overdue)}</td>
                  <td>{format.whole(row.findings)}</td>
                  <td>
                    {row.answersSecondsMedian === null
                      ? '–'
                      : format.duration(row.answersSecondsMedian * 1000)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <section aria-labelledby="shift-interventions">
        <h2 id="shift-interventions">{t('interventions')}</h2>
        {report.interventions.length === 0 ? (
          <p>{t('shiftNoTouches')}</p>
        ) : (
          <Interventions
            rows={report.interventions}
            sums={report.touchSums}
            since={format.clock(report.fromMs)}
          />
        )}
      </section>
      <section aria-labelledby="shift-changes">
        <h2 id="shift-changes">{t('shiftChanges')}</h2>
        {changes.length === 0 ? (
          <p>{t('shiftNoChanges')}</p>
        ) : (
          <ol className="timeline">
            {changes.map((one) => (
              <li key={`${one.id}-${one.atMs}-${one.to}`}>
                <time dateTime={new Date(one.atMs).toISOString()}>
                  {long ? format.moment(one.atMs) : format.clockSeconds(one.atMs)}
                </time>
                <div>
                  <p>
                    {one.name}: <StateMark state={one.to} />
                  </p>
                  <p>{sentence(said(one.why))}</p>
                </div>
              </li>
            ))}
          </ol>
        )}
      </section>
      <footer className="sheet-foot">
        <div>
          <b>{t('shiftHead')}</b>
          <code className="hash">{report.head.hash}</code>
          <p className="quiet-text">
            {t('shiftHeadText', {
              epoch: format.whole(report.head.epoch),
              seq: format.whole(report.head.seq),
            })}{' '}
            {t('shiftPage', { when: format.moment(clock.now()) })}
          </p>
        </div>
        <dl className="by-hand">
          <div>
            <dt>{t('shiftMadeBy')}</dt>
            <dd />
          </div>
          <div>
            <dt>{t('shiftSign')}</dt>
            <dd />
          </div>
        </dl>
      </footer>
    </article>
  );
}
