import { mayRole, type ProofView } from '@selvedge/core/records';
import { useState } from 'react';
import { ASK } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Loaded } from '../parts/empty.js';
import { sentence } from '../parts/sentence.js';
import { StateMark } from '../parts/state-mark.js';
import { CurveChart, DriftChart, LiveChart } from './proof-charts.js';
import { BeforeAfter, Certificate, Meaning, Readers } from './proof-facts.js';
import { ReasonDialog, SignDialog } from './sign-dialogs.js';

/** Everything on which a gate's authority rests, for somebody who doubts it. */
export function ProofPage({ id }: { id: string }) {
  const known = useLive(ASK.proof(id), {
    everyMs: 2000,
    wants: ({ station }) => station === null || station === id,
  });
  return <Loaded known={known}>{(proof) => <Proof id={id} proof={proof} />}</Loaded>;
}

function Proof({ id, proof }: { id: string; proof: ProofView }) {
  const { t, format, said, state } = useWords();
  const site = useSite();
  const { value: session } = useStore(site.session);
  const [dialog, setDialog] = useState<'sign' | 'close' | 'epoch' | null>(null);
  const user = session?.user ?? null;
  const maySign = user !== null && mayRole(user.role, 'sign');
  const { station } = proof;
  const done = () => {
    setDialog(null);
    site.refresh();
  };
  const means = {
    ...{ shadow: t('meansShadow'), ramp: t('meansRamp'), open: t('meansOpen') },
    ...{ watch: t('meansWatch'), closed: t('meansClosed') },
  };
  return (
    <div className="page proof-page">
      <header className="page-head">
        <div>
          <p className="quiet-text">
            {station.line} · {t('proofEpoch', { n: format.whole(proof.epoch) })}
          </p>
          <h1>{t('proofTitle', { station: station.name })}</h1>
        </div>
        {maySign && (
          <div className="actions">
            <button type="button" className="button primary" onClick={() => setDialog('sign')}>
              {t('signTitle')}
            </button>
            {station.state === 'closed' ? (
              <button type="button" className="button" onClick={() => setDialog('epoch')}>
                {t('epochTitle')}
              </button>
            ) : (
              <button type="button" className="button danger" onClick={() => setDialog('close')}>
                {t('closeTitle')}
              </button>
            )}
          </div>
        )}
      </header>
      <section className={`proof-state card-${station.state}`}>
        <StateMark state={station.state} large />
        <p className="lead">{sentence(said(station.reason))}</p>
        <p className="quiet-text">{means[station.state]}</p>
      </section>
      <div className="proof-grid">
        <div className="proof-column">
          <Certificate proof={proof} />
          <Meaning proof={proof} />
        </div>
        <div className="proof-column">
          <BeforeAfter proof={proof} />
          <Readers proof={proof} />
        </div>
      </div>
      <CurveChart proof={proof} />
      <LiveChart proof={proof} />
      <DriftChart proof={proof} />
      <section aria-labelledby="transitions">
        <h2 id="transitions">{t('transitions')}</h2>
        {proof.transitions.length === 0 ? (
          <p className="empty">{t('transitionsNone')}</p>
        ) : (
          <ol className="timeline">
            {[...proof.transitions].reverse().map((one) => (
              <li key={one.seq}>
                <time dateTime={new Date(one.atMs).toISOString()}>{format.moment(one.atMs)}</time>
                <div>
                  <p className="moved">
                    <span className="unseen">{state(one.from)} → </span>
                    <StateMark state={one.to} />
                  </p>
                  <p>{sentence(said(one.why))}</p>
                </div>
              </li>
            ))}
          </ol>
        )}
      </section>
      {dialog === 'sign' && user && (
        <SignDialog station={station} user={user} onClose={() => setDialog(null)} onDone={done} />
      )}
      {(dialog === 'close' || dialog === 'epoch') && (
        <ReasonDialog station={id} what={dialog} onClose={() => setDialog(null)} onDone={done} />
      )}
    </div>
  );
}
