import { mayRole, type User } from '@selvedge/core/records';
import { type ReactNode, useEffect, useState } from 'react';
import { anything } from '../api/client.js';
import { ASK, DO } from '../api/paths.js';
import type { LANGUAGES, Language } from '../language/texts.js';
import { useWords } from '../language/use-words.js';
import { useLive, useSite, useStore } from '../live/use-site.js';
import type { Route } from '../router/router.js';
import { linkTo, useRoute } from '../router/use-route.js';

interface Props {
  readonly language: Language;
  /** Those that the site offers, in the order of the console. */
  readonly languages: typeof LANGUAGES;
  readonly onLanguage: (language: Language) => void;
  readonly bright: boolean;
  readonly onBright: (bright: boolean) => void;
  readonly children: ReactNode;
}

/** What stands around every view: where one is, whose data it is, whether the server is there. */
export function Shell({ language, languages, onLanguage, bright, onBright, children }: Props) {
  const { t, origin, role } = useWords();
  const site = useSite();
  const { value: session } = useStore(site.session);
  const route = useRoute();
  const [open, setOpen] = useState(false);
  const user = session?.user ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the view changes
  useEffect(() => setOpen(false), [route]);
  useEffect(() => {
    if (!open) return;
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [open]);
  const signOut = async () => {
    await site.client.send(DO.signOut, {}, anything);
    await site.refreshSession();
  };
  return (
    <div className={`shell shell-${route.view}`}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <header className="top">
        <a className="brand" {...linkTo({ view: 'line' })}>
          <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path d="M9 5v22M9 9h15M9 16h15M9 23h15" />
          </svg>
          <span className="brand-name">{session?.site ?? t('brand')}</span>
        </a>
        {session && <span className={`origin origin-${session.origin}`}>{origin(session.origin)}</span>}
        {user && <AskLink current={route.view === 'ask'} only="narrow" />}
        <button
          type="button"
          className="button menu-button"
          aria-expanded={open}
          aria-controls="menu"
          onClick={() => setOpen(!open)}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M4 6.5h16M4 12h16M4 17.5h16" />
          </svg>
          <span className="menu-word">{t('menu')}</span>
        </button>
        <div id="menu" className={`menu${open ? ' menu-open' : ''}`}>
          {session && <p className="menu-site only-narrow">{session.site}</p>}
          {user && <Links user={user} route={route} />}
          <div className="choices">
            {languages.length > 1 && (
              <label className="language">
                <span className="unseen">{t('language')}</span>
                <select value={language} onChange={(event) => onLanguage(event.target.value as Language)}>
                  {languages.map(({ code, name, tag }) => (
                    <option key={code} value={code} lang={tag}>
                      {name}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <button
              type="button"
              className="button quiet bright"
              aria-pressed={bright}
              onClick={() => onBright(!bright)}
            >
              <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <circle cx="12" cy="12" r="4.2" />
                <path d="M12 2.5v2.7M12 18.8v2.7M2.5 12h2.7M18.8 12h2.7M5.3 5.3l1.9 1.9M16.8 16.8l1.9 1.9M5.3 18.7l1.9-1.9M16.8 7.2l1.9-1.9" />
              </svg>
              <span className="bright-word">{t('bright')}</span>
            </button>
            {user && (
              <span className="who">
                <a className="who-name" {...linkTo({ view: 'people' })}>
                  <b>{user.name}</b>
                  <small>{role(user.role)}</small>
                </a>
                <button type="button" className="button quiet" onClick={() => void signOut()}>
                  {t('signOut')}
                </button>
              </span>
            )}
          </div>
        </div>
      </header>
      <NotConnected asking={route.view === 'ask'} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Links({ user, route }: { user: User; route: Route }) {
  const { t } = useWords();
  const link = (to: Route, name: string) => (
    <a {...linkTo(to)} aria-current={route.view === to.view ? 'page' : undefined}>
      {name}
    </a>
  );
  return (
    <nav aria-label={t('menu')} className="links">
      {link({ view: 'line' }, t('navLine'))}
      <AskLink current={route.view === 'ask'} only="wide" />
      {link({ view: 'equipment' }, t('navEquipment'))}
      {link({ view: 'shift' }, t('navShift'))}
      {mayRole(user.role, 'govern') && link({ view: 'people' }, t('navPeople'))}
    </nav>
  );
}

/** The way to the questions, with how many wait; on a phone it stands outside of the menu. */
function AskLink({ current, only }: { current: boolean; only: 'narrow' | 'wide' }) {
  const { t, format } = useWords();
  const { value } = useLive(ASK.questions);
  const n = value?.questions.length ?? 0;
  return (
    <a
      className={`ask-link only-${only}`}
      {...linkTo({ view: 'ask' })}
      aria-current={current ? 'page' : undefined}
    >
      {t('navAsk')}
      {n > 0 && <span className="count">{format.whole(n)}</span>}
    </a>
  );
}

function NotConnected({ asking }: { asking: boolean }) {
  const { t, format } = useWords();
  const site = useSite();
  const { since } = useStore(site.connection);
  // A short gap while the stream turns over is nobody's business.
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (since === null) return;
    const id = setTimeout(() => setLate(true), Math.max(0, since + 1500 - performance.now()));
    return () => clearTimeout(id);
  }, [since]);
  const at = since === null ? 0 : site.clock.now() - (performance.now() - since);
  return (
    <div className="connection" role="status">
      {since !== null && late && (
        <p className="not-connected">
          <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d="M3 3l18 18M8.5 15.6a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4.6-2.6M19 12a10 10 0 0 0-5.4-2.8M12 19.4v.2" />
          </svg>
          <span>
            {t('notConnected', { time: format.clockSeconds(at) })} {asking && t('notConnectedAsk')}
          </span>
        </p>
      )}
    </div>
  );
}
