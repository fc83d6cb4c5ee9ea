import { mayRole, RIGHTS, type StageView, stageViewSchema } from '@selvedge/core/records';
import { useState } from 'react';
import { ASK, DO } from '../../api/paths.js';
import { useWords, type Words } from '../../language/use-words.js';
import { useLive, useSite, useStore } from '../../live/use-site.js';
import { useAct, Wrong } from '../../parts/form.js';
import { sentence } from '../../parts/sentence.js';
import { StageShowing } from './stage-showing.js';

type Moment = StageView['moments'][number];

/** What a presenter can let happen at a simulated line, in the order of the story. */
export function StagePanel() {
  const words = useWords();
  const { t, origin, role, language } = words;
  const site = useSite();
  const { value: session } = useStore(site.session);
  const { value: view } = useLive(ASK.stage, { everyMs: 300, pollMs: 1000, wants: () => false });
  const act = useAct();
  const [chosen, setChosen] = useState<string | null>(null);
  if (view === null) return null;
  const may = session?.user ? mayRole(session.user.role, 'configure') : false;
  const play = async (moment: string) => {
    setChosen(moment);
    await act.run(DO.stage(moment), {}, stageViewSchema);
    site.refresh();
  };
  const shown = showOf(view, chosen);
  return (
    <>
      <section className="stage" aria-labelledby="stage">
        <header className="section-head">
          <h2 id="stage">{t('stageTitle')}</h2>
          <span className="origin origin-simulated">{origin('simulated')}</span>
        </header>
        <p className="quiet-text">
          {t('stageText')} {!may && t('stageMayNot', { needed: role(RIGHTS.configure) })}
        </p>
        <Wrong text={act.wrong} />
        <ol className="stage-moments">
          {view.moments.map((moment, i) => (
            <li key={moment.id} className={`stage-moment stage-${moment.state}`}>
              <button
                type="button"
                className="button big"
                disabled={!may || moment.state === 'playing'}
                aria-describedby={`moment-${moment.id}`}
                onClick={() => void play(moment.id)}
              >
                <span className="stage-number">{i + 1}</span>
                {moment.title[language]}
              </button>
              <p id={`moment-${moment.id}`} className="stage-about">
                {moment.about[language]}
              </p>
              <div className="stage-foot">
                <p className="stage-state" role="status">
                  {stateOf(moment, words)}
                </p>
                {view.shows.some((show) => show.moment === moment.id) && (
                  <button
                    type="button"
                    className="button quiet stage-look"
                    aria-pressed={shown?.moment === moment.id}
                    aria-label={t('stageLookAt', { title: moment.title[language] })}
                    onClick={() => setChosen(shown?.moment === moment.id ? NONE : moment.id)}
                  >
                    {t('stageLook')}
                  </button>
                )}
              </div>
            </li>
          ))}
        </ol>
        {view.facts.length > 0 && (
          <dl className="stage-facts">
            {view.facts.map(({ title, value, unit, href }) => {
              const text = factOf(value, words);
              return (
                <div key={title.en}>
                  <dt>{title[language]}</dt>
                  <dd>
                    {href === undefined ? (
                      text
                    ) : (
                      <a href={href} target="_blank" rel="noreferrer">
                        {text}
                      </a>
                    )}
                    {unit !== '' && <small> {unit}</small>}
                  </dd>
                </div>
              );
            })}
          </dl>
        )}
      </section>
      {shown && <StageShowing key={shown.moment} show={shown} called={chosen !== null} />}
    </>
  );
}

/** Nothing is wanted, not even the newest. */
const NONE = '';

/** What was chosen, or what belongs to the moment that was begun last. */
function showOf(view: StageView, chosen: string | null): StageView['shows'][number] | null {
  if (chosen === NONE) return null;
  const begun = [...view.moments].sort((a, b) => (b.atMs ?? 0) - (a.atMs ?? 0));
  const wanted = chosen === null ? begun.map(({ id }) => id) : [chosen];
  for (const id of wanted) {
    const found = view.shows.find(({ moment }) => moment === id);
    if (found !== undefined) return found;
  }
  return null;
}

function stateOf({ state, atMs, why }: Moment, { t, format, said }: Words): string {
  if (atMs === null || state === 'ready') return t('stageReady');
  const time = format.clockSeconds(atMs);
  if (state === 'playing') return t('stagePlaying', { time });
  return state === 'played'
    ? t('stagePlayed', { time })
    : t('stageFailed', { time, why: sentence(said(why)) });
}

function factOf(value: StageView['facts'][number]['value'], { format, language }: Words): string {
  if (typeof value === 'number') return format.reading(value);
  return typeof value === 'string' ? value : value[language];
}
