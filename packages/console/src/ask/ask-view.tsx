import { useEffect, useRef, useState } from 'react';
import { ASK } from '../api/paths.js';
import { kept } from '../kept.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import { Empty, Loaded } from '../parts/empty.js';
import { Answers } from './answers.js';
import { type Asking, createAsking } from './asking.js';
import { Context, HelpDialog } from './beside.js';
import { IdleLive } from './idle-live.js';
import { actOf, pedalsFrom } from './keys.js';
import { KeysDialog } from './keys-dialog.js';
import { AfterPanel, LastBar } from './last-answer.js';
import { NoteLine } from './note-line.js';
import { createObservations, decodePicture, type Observations } from './observations.js';
import { Ring } from './ring.js';
import { SeenOf } from './seen-of.js';

/** The page at which a person judges units, all day. */
export function AskView() {
  const site = useSite();
  const words = useWords();
  const fault = useRef(words.fault);
  fault.current = words.fault;
  const [observations] = useState(() => createObservations(site.client, decodePicture));
  const [asking] = useState(() =>
    createAsking({
      client: site.client,
      now: () => site.clock.now(),
      observations,
      said: (what) => (what.kind === 'unreached' ? '' : fault.current(what)),
    }),
  );
  const known = useLive(ASK.questions);
  useEffect(() => {
    if (known.value !== null) asking.listed(known.value.questions);
  }, [known.value, asking]);
  useEffect(() => {
    const id = setInterval(asking.tick, 250);
    return () => clearInterval(id);
  }, [asking]);
  return <Loaded known={known}>{() => <Asked asking={asking} observations={observations} />}</Loaded>;
}

function Asked({ asking, observations }: { asking: Asking; observations: Observations }) {
  const { t, format } = useWords();
  const queue = useStore(asking.queue);
  const helped = useStore(asking.helped);
  const [dialog, setDialog] = useState<'help' | 'keys' | null>(null);
  const [pedals, setPedals] = useState(() => pedalsFrom(kept.get('pedals')));
  const buttons = useRef<HTMLFieldSetElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const question = queue.current?.question ?? null;
  const shownHelp = question !== null && helped?.question === question.id ? helped.after : null;

  // The focus leaves an answer with its question: Enter must not answer what nobody has looked at.
  const id = question?.id;
  const before = useRef(id);
  useEffect(() => {
    if (before.current === id) return;
    before.current = id;
    if (buttons.current?.contains(document.activeElement) || document.activeElement === document.body)
      title.current?.focus({ preventScroll: true });
  }, [id]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]')) return;
      const target = event.target as HTMLElement | null;
      const typing = target?.matches('input, select, textarea') ?? false;
      const { key, repeat, ctrlKey, altKey, metaKey } = event;
      const current = asking.queue.get().current?.question;
      const choices = current?.choices ?? [];
      const act = actOf({ key, repeat, ctrlKey, altKey, metaKey, typing }, choices.length, pedals);
      if (act === null) {
        // A held pedal must not scroll the page away from under the eyes.
        if (repeat && Object.hasOwn(pedals, key)) event.preventDefault();
        return;
      }
      event.preventDefault();
      if (act.do === 'undo') void asking.undo();
      else if (act.do === 'help') setDialog(current ? 'help' : null);
      else if (act.do === 'choose') {
        const choice = choices[act.index];
        if (choice) asking.choose(choice.label, act.by);
      } else move(buttons.current, act.step);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [asking, pedals]);

  const extra = queue.waiting.length - (question ? 1 : 0);
  return (
    <div className={`ask${question ? '' : ' ask-empty'}`}>
      <header className="ask-head">
        <div className="ask-title">
          <p className="quiet-text">
            {question ? question.stationName : t('askTitle')}
            {extra > 0 && <span className="more"> · {t('askWaiting', { n: format.whole(extra) })}</span>}
          </p>
          <h1 ref={title} tabIndex={-1}>
            {question ? t('askUnit', { unit: question.unit }) : t('askEmptyTitle')}
          </h1>
        </div>
        {question && <Ring key={question.id} question={question} />}
      </header>
      <p className="unseen" aria-live="polite" aria-atomic="true">
        {question && t('askNew', { unit: question.unit, station: question.stationName })}
      </p>
      <section className="ask-seen" aria-label={t('unitSeen')}>
        {question ? (
          <SeenOf key={question.unit} observations={observations} unit={question.unit} shown={shownHelp} />
        ) : (
          <>
            <Empty>
              <p>{t('askEmptyText')}</p>
            </Empty>
            <IdleLive />
          </>
        )}
      </section>
      <aside className="ask-side">
        {question && <Context question={question} />}
        {shownHelp && <p className="notice">{t('helpShown')}</p>}
        <div className="side-buttons">
          {question && !shownHelp && (
            <button type="button" className="button" onClick={() => setDialog('help')}>
              {t('help')}
            </button>
          )}
          <button type="button" className="button quiet" onClick={() => setDialog('keys')}>
            {t('keysTitle')}
          </button>
        </div>
        {shownHelp && question && (
          <AfterPanel after={shownHelp} station={question.station} observations={observations} />
        )}
        {queue.last?.answered && (
          <div className="side-last">
            <AfterPanel
              after={queue.last.answered.after}
              station={queue.last.question.station}
              last={queue.last}
              observations={observations}
            />
          </div>
        )}
      </aside>
      <footer className="ask-foot">
        <NoteLine note={queue.note} />
        <LastBar asking={asking} observations={observations} />
        {question && (
          <Answers ref={buttons} question={question} onChoose={(label, by) => asking.choose(label, by)} />
        )}
      </footer>
      {dialog === 'help' && question && <HelpDialog asking={asking} onClose={() => setDialog(null)} />}
      {dialog === 'keys' && (
        <KeysDialog
          pedals={pedals}
          onPedals={(next) => {
            setPedals(next);
            kept.set('pedals', JSON.stringify(next));
          }}
          onClose={() => setDialog(null)}
        />
      )}
    </div>
  );
}

function move(buttons: HTMLElement | null, step: -1 | 1): void {
  const all = [...(buttons?.querySelectorAll('button') ?? [])];
  const at = all.indexOf(document.activeElement as HTMLButtonElement);
  const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
  all[to]?.focus();
}
