import {
  type StageMoment,
  type StageShow,
  type StageView,
  stageFactSchema,
  stageShowSchema,
  stageViewSchema,
} from '@selvedge/core/records';
import { z } from 'zod';
import { conflict, notFound } from '../access/refusal.js';
import { REFUSALS, someone, type TypedApp } from '../access/routes/typed.js';
import type { Parts } from './parts.js';

/**
 * Moments that a presenter can let happen at a simulated line, in the order of the story. The site plays them, it knows
 * none: whoever opens the site brings them.
 */
export interface Stage {
  readonly moments: readonly StageMoment[];
  /**
   * Lets a moment happen; resolves when it is over, rejects with what to tell the presenter. Never called again for a
   * moment that is still being played; two different ones may overlap.
   */
  play(moment: string): Promise<void>;
  /** What is worth telling just now; asked about once a second for each reader. */
  facts?(): Promise<readonly ToldFact[]> | readonly ToldFact[];
  /** Moments that whoever brought them plays besides, by id: how the last playing stands. */
  playing?(): ReadonlyMap<string, StagePlayed>;
  /** What came of the moments so far; asked about as often. */
  shows?(): Promise<readonly StageShow[]> | readonly StageShow[];
}
type ToldFact = z.input<typeof stageFactSchema>;

export type StagePlayed = Pick<StageView['moments'][number], 'state' | 'atMs' | 'why'>;
const READY: StagePlayed = { state: 'ready', atMs: null, why: '' };
const tags = ['stage'];
/** What does not come in time is left out: the buttons are what is needed. */
const FACTS_MS = 1000;

/** What a presenter sees and does; 404 where there is no stage. */
export function stageRoutes(app: TypedApp, { stage, clock }: Parts): void {
  const played = new Map<string, StagePlayed>();
  /** The later of what was begun here and elsewhere. */
  const stateOf = (of: Stage, id: string): StagePlayed => {
    const [here, elsewhere] = [played.get(id) ?? READY, of.playing?.().get(id) ?? READY];
    return (elsewhere.atMs ?? 0) > (here.atMs ?? 0) ? elsewhere : here;
  };
  const there = (): Stage => {
    if (stage === null) throw notFound('stage');
    return stage;
  };
  const view = async (of: Stage): Promise<StageView> => ({
    // A moment may carry more than is told, for whoever plays it.
    moments: of.moments.map(({ id, title, about }) => ({ id, title, about, ...stateOf(of, id) })),
    facts: await toldInTime(async () => z.array(stageFactSchema).parse((await of.facts?.()) ?? []), app),
    shows: await toldInTime(async () => z.array(stageShowSchema).parse((await of.shows?.()) ?? []), app),
  });

  app.get(
    '/api/stage',
    {
      onRequest: app.requireRight('look'),
      schema: { tags, response: { 200: stageViewSchema, ...REFUSALS } },
    },
    async () => view(there()),
  );

  app.post(
    '/api/stage/:moment',
    {
      onRequest: app.requireRight('configure', { person: true }),
      schema: {
        tags,
        description: 'Begins a moment and answers at once; GET /api/stage says when it is over.',
        params: z.strictObject({ moment: z.string().min(1).max(60) }),
        response: { 200: stageViewSchema, ...REFUSALS },
      },
    },
    async (request) => {
      const { moment } = request.params;
      const stage = there();
      if (!stage.moments.some(({ id }) => id === moment)) throw notFound('moment');
      if (stateOf(stage, moment).state === 'playing')
        throw conflict('moment-playing', 'This moment is being played.');
      const atMs = Math.round(clock.nowMs());
      const end = (state: 'played' | 'failed', why = ''): void => {
        played.set(moment, { state, atMs, why });
        app.log.info({ event: 'stage', moment, state, why });
      };
      played.set(moment, { state: 'playing', atMs, why: '' });
      app.log.info({ event: 'stage', moment, state: 'playing', user: someone(request).user.id });
      void (async () => stage.play(moment))().then(
        () => end('played'),
        (error: unknown) => end('failed', error instanceof Error ? error.message : String(error)),
      );
      return view(stage);
    },
  );
}

async function toldInTime<T>(ask: () => Promise<T[]>, { log }: Pick<TypedApp, 'log'>): Promise<T[]> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing within ${FACTS_MS} ms`)), FACTS_MS);
    });
    return await Promise.race([ask(), late]);
  } catch (error) {
    log.warn({ event: 'stage-facts', error: String(error) });
    return [];
  } finally {
    clearTimeout(timer);
  }
}
