import { useEffect, useMemo, useState } from 'react';
import { AskView } from './ask/ask-view.js';
import { kept } from './kept.js';
import { chooseLanguage, guessLanguage, LANGUAGES, type Language, tagOf } from './language/texts.js';
import { WordsContext, wordsOf } from './language/use-words.js';
import { useSite, useStore } from './live/use-site.js';
import { Boundary } from './parts/boundary.js';
import { Empty, Loaded } from './parts/empty.js';
import { later } from './parts/later.js';
import { pathOf, type Route, routeOf } from './router/router.js';
import { go, linkTo, useRoute } from './router/use-route.js';
import { refusedHere, Setup, SignIn } from './views/door.js';
import { LineViewPage } from './views/line-view.js';
import { Shell } from './views/shell.js';

// Only the line and the questions are needed at once; what is read now and then comes when it is asked for.
const LATER = {
  station: () => import('./views/proof-view.js'),
  unit: () => import('./views/unit-view.js'),
  equipment: () => import('./views/equipment/equipment-view.js'),
  shift: () => import('./views/shift-view.js'),
  people: () => import('./views/people-view.js'),
};
// A page that is opened at one of them fetches it beside the session, not after it. A failure is told where it is shown.
const opened = routeOf(location.pathname).view;
if (Object.hasOwn(LATER, opened)) LATER[opened as keyof typeof LATER]().catch(() => {});
const ProofPage = later(async () => (await LATER.station()).ProofPage);
const UnitPage = later(async () => (await LATER.unit()).UnitPage);
const EquipmentPage = later(async () => (await LATER.equipment()).EquipmentPage);
const ShiftPage = later(async () => (await LATER.shift()).ShiftPage);
const PeoplePage = later(async () => (await LATER.people()).PeoplePage);

/** The console of one site. */
export function App() {
  const site = useSite();
  const { value: session } = useStore(site.session);
  const [chosen, setChosen] = useState(() => kept.get('language'));
  const offered = session?.languages ?? null;
  const language: Language = offered
    ? chooseLanguage(chosen, offered)
    : guessLanguage(chosen, navigator.languages);
  const choose = (wish: Language) => {
    kept.set('language', wish);
    setChosen(wish);
  };
  const [bright, setBright] = useState(() => kept.get('bright') === 'yes');
  useEffect(() => {
    document.documentElement.lang = tagOf(language);
  }, [language]);
  useEffect(() => {
    document.documentElement.toggleAttribute('data-bright', bright);
    kept.set('bright', bright ? 'yes' : null);
  }, [bright]);
  const timeZone = session?.timeZone;
  const plant = session?.words;
  const words = useMemo(() => wordsOf(language, timeZone, plant), [language, timeZone, plant]);
  return (
    <WordsContext value={words}>
      <Shell
        language={language}
        languages={LANGUAGES.filter(({ code }) => offered?.includes(code) ?? code === language)}
        onLanguage={choose}
        bright={bright}
        onBright={setBright}
      >
        <Views />
      </Shell>
    </WordsContext>
  );
}

/** Who may see which view: nobody signed in sees the door only, and comes back to where they wanted to go. */
function Views() {
  const site = useSite();
  const known = useStore(site.session);
  const route = useRoute();
  return (
    <Loaded known={known}>
      {(session) => {
        if (session.needsOwner) return <Setup session={session} />;
        if (session.user === null) return <SignIn session={session} />;
        if (route.view === 'sign-in' || route.view === 'setup')
          // Somebody signed in whose company account could not be linked is told where they began.
          return refusedHere() === null ? <Home /> : <PeoplePage />;
        return (
          <Boundary key={pathOf(route)}>
            <View route={route} />
          </Boundary>
        );
      }}
    </Loaded>
  );
}

function Home() {
  useEffect(() => go({ view: 'line' }, 'replace'), []);
  return null;
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'ask':
      return <AskView />;
    case 'station':
      return <ProofPage key={route.id} id={route.id} />;
    case 'unit':
      return <UnitPage key={route.id} id={route.id} />;
    case 'equipment':
      return <EquipmentPage />;
    case 'shift':
      return <ShiftPage />;
    case 'people':
      return <PeoplePage />;
    case 'nowhere':
      return <Nowhere path={route.path} />;
    default:
      return <LineViewPage />;
  }
}

function Nowhere({ path }: { path: string }) {
  return (
    <WordsContext.Consumer>
      {({ t }) => (
        <Empty title={t('nowhereTitle')}>
          <p>{t('nowhereText', { path })}</p>
          <a className="button" {...linkTo({ view: 'line' })}>
            {t('navLine')}
          </a>
        </Empty>
      )}
    </WordsContext.Consumer>
  );
}
