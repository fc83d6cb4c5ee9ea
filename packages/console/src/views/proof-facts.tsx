import type { ProofView } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { Meter } from '../parts/meter.js';

/** The certificate in plain words, and what it takes to check it. */
export function Certificate({ proof }: { proof: ProofView }) {
  const { t, format, said } = useWords();
  const { certificate, station } = proof;
  const per = t(station.budget?.contract === 'per-pass' ? 'perPass' : 'perUnit');
  const signed = station.budget && (
    <p className="quiet-text">
      {t('budgetIs')} {t('budgetAtMost', { rate: format.percent(station.budget.escapeRate) })} {per} ·{' '}
      {t('budgetSigned', { who: station.budget.signedBy, when: format.moment(station.budget.atMs) })} · “
      {station.budget.reason}”
    </p>
  );
  return (
    <section aria-labelledby="certificate">
      <h2 id="certificate">{t('certificate')}</h2>
      {certificate === null ? (
        <>
          <p>{t('certificateNone')}</p>
          <Meter
            label={t('evidence')}
            value={station.evidence.labels}
            most={station.evidence.planned}
            text={
              station.evidence.planned === null
                ? t('evidenceNoPlan', {
                    labels: format.whole(station.evidence.labels),
                    bad: format.whole(station.evidence.bad),
                  })
                : t('evidenceOf', {
                    labels: format.whole(station.evidence.labels),
                    planned: format.whole(station.evidence.planned),
                    bad: format.whole(station.evidence.bad),
                  })
            }
          />
          {signed ?? <p>{t('budgetNone')}</p>}
        </>
      ) : (
        <>
          <p className="lead">
            {t(certificate.upper === null ? 'certificateNothing' : 'certificateText', {
              when: format.moment(certificate.atMs),
              n: format.whole(certificate.n),
              bads: format.whole(certificate.bads),
              confidence: format.percent(certificate.confidence),
              upper: format.percent(certificate.upper ?? 1, 'up'),
              per,
            })}
          </p>
          {signed}
          <dl className="pairs">
            <div>
              <dt>{t('certificateTest')}</dt>
              <dd>{said(certificate.test)}</dd>
            </div>
            {certificate.threshold !== null && (
              <div>
                <dt>{t('certificateThreshold')}</dt>
                <dd>{format.reading(certificate.threshold)}</dd>
              </div>
            )}
            <div>
              <dt>{t('model')}</dt>
              <dd>
                {station.model ? station.model.name : t('none')}
                {station.model && <code>{station.model.hash.slice(0, 12)}</code>}
              </dd>
            </div>
            <div>
              <dt>{t('certificateHash')}</dt>
              <dd>
                <code className="hash">{certificate.hash}</code>
              </dd>
            </div>
          </dl>
        </>
      )}
    </section>
  );
}

/** What the bounds speak of: the truth, or how well the readers are repeated; and how the readers themselves are measured. */
export function Meaning({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  const { read, missed, needed } = proof.seeds;
  const values = { read: format.whole(read), missed: format.whole(missed), needed: format.whole(needed) };
  const truth = proof.meaning === 'truth';
  // Where no known-bad unit is ever shown, counting them would only raise questions.
  const counted = proof.measured.seedShare > 0 || read > 0;
  return (
    <section aria-labelledby="meaning">
      <h2 id="meaning">{t(truth ? 'meaningTruth' : 'meaningAgreement')}</h2>
      <p>
        {truth
          ? t('meaningTruthText', values)
          : counted
            ? t('meaningAgreementText', values)
            : t('meaningAgreementBare')}
      </p>
      {!truth && counted && (
        <progress value={Math.min(read, needed)} max={needed} aria-labelledby="meaning" />
      )}
      <p className="quiet-text">
        {t('auditsSum', {
          audits: format.whole(proof.audits),
          bad: format.whole(proof.auditsBad),
          findings: format.whole(proof.findings),
        })}
      </p>
    </section>
  );
}

/** How people agree with each other and what they miss: the floor under every bound. */
export function Readers({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  const { readers, seeds, measured } = proof;
  if (readers === undefined) return null;
  const { pairs, agreed, kappa, interval } = readers;
  const twice = measured.doubleReadShare > 0 || pairs > 0;
  const seeded = measured.seedShare > 0 || seeds.read > 0;
  if (!twice && !seeded) return null;
  return (
    <section aria-labelledby="readers">
      <h2 id="readers">{t('readersTitle')}</h2>
      {twice && (
        <p>
          {pairs === 0
            ? t('readersNone')
            : t('readersAlike', { agreed: format.whole(agreed), pairs: format.whole(pairs) })}
        </p>
      )}
      <dl className="pairs">
        {pairs > 0 && (
          <div>
            <dt>{t('readersKappa')}</dt>
            <dd>
              <b>{kappa === null ? '–' : format.ratio(kappa)}</b>{' '}
              <span className="quiet-text">
                {kappa === null
                  ? t('readersKappaNone')
                  : interval &&
                    t('reductionInterval', {
                      low: format.ratio(interval[0]),
                      high: format.ratio(interval[1]),
                    })}
              </span>
              <small className="pairs-help">{t('readersKappaHelp')}</small>
            </dd>
          </div>
        )}
        {seeded && (
          <div>
            <dt>{t('readersMissed')}</dt>
            <dd>
              <b>
                {t('readersMissedOf', { missed: format.whole(seeds.missed), read: format.whole(seeds.read) })}
              </b>
            </dd>
          </div>
        )}
      </dl>
      <p className="quiet-text">
        {t('readersFloor')}
        {seeded && proof.meaning !== 'truth' && ` ${t('readersFew', { needed: format.whole(seeds.needed) })}`}
      </p>
    </section>
  );
}

/** How much judging the gate has taken off people. */
export function BeforeAfter({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  const { before, after, reduction, reductionInterval } = proof;
  const most = Math.max(before.judgementsPerUnit, after.judgementsPerUnit, 1e-9);
  const bar = (name: string, side: ProofView['before'], look: string) => (
    <div className="compare-row">
      <span>{name}</span>
      <svg viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect className={`bar bar-${look}`} width={(100 * side.judgementsPerUnit) / most} height="14" />
      </svg>
      <b>{format.ratio(side.judgementsPerUnit)}</b>
      <small className="quiet-text">
        {t('judgementsPerUnit')}, {t('overUnits', { n: format.whole(side.units) })}
      </small>
    </div>
  );
  return (
    <section aria-labelledby="before-after">
      <h2 id="before-after">{t('beforeAfter')}</h2>
      {reduction === null || after.units === 0 ? (
        <p>{t('reductionNone')}</p>
      ) : (
        <>
          <p className="lead">
            {t('reduction', { reduction: format.percent(reduction) })}
            {reductionInterval && (
              <span className="quiet-text">
                {', '}
                {t('reductionInterval', {
                  low: format.percent(reductionInterval[0]),
                  high: format.percent(reductionInterval[1]),
                })}
              </span>
            )}
          </p>
          {bar(t('before'), before, 'before')}
          {bar(t('after'), after, 'after')}
        </>
      )}
    </section>
  );
}
