import type { CertifiedSide } from '@selvedge/core';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Scorer } from '@selvedge/models';
import { conflict } from '../access/refusal.js';
import { type ApplicantRecord, applicantsOf } from '../folds/learning.js';
import { factOf } from '../live/facts.js';
import { type ModelPlace, type ModelRow, openModel, putToWork } from '../live/installed-models.js';
import type { LiveStation } from '../live/live-station.js';
import type { InstalledModel } from '../live/model.js';
import type { Secrets } from '../live/secrets.js';
import { type ApplicantSpec, HostedScorer } from './hosted-scorer.js';

export type Applied = SiteFactBody<'applied'>;

/** Patience with an applicant that is in post: the station's own deadline is shorter. */
const IN_POST_MS = 30_000;

export interface Appointment {
  readonly applicant: string;
  readonly by: 'signature' | 'policy';
  readonly user: string;
  readonly reason: string;
}

/** Who was hired at a station and is in post; null where the model is the configuration's own. */
export const postHolder = (db: ModelPlace['journal']['db'], station: string): ApplicantRecord | null =>
  applicantsOf(db, station).find(({ state, barred }) => state === 'in-post' && !barred) ?? null;

/** The newest test of an applicant; null before the first. */
export function newestAssessment(
  db: ModelPlace['journal']['db'],
  station: string,
  applicant: string,
): (SiteFactBody<'assessed'> & { readonly atMs: number; readonly seq: number }) | null {
  const row = db
    .prepare(
      'SELECT seq, at_ms, body FROM assessment WHERE station = ? AND applicant = ? ORDER BY seq DESC LIMIT 1',
    )
    .get(station, applicant);
  if (row === undefined) return null;
  return { ...JSON.parse(String(row.body)), atMs: Number(row.at_ms), seq: Number(row.seq) };
}

/** The row of a model that applied and was hired. */
export const rowOf = (applied: Applied): ModelRow => ({
  station: applied.station,
  model: applied.applicant,
  name: applied.name,
  recipe: applied.recipe,
  parity: applied.parity,
  input: applied.input,
  inputShape: applied.inputShape,
  classes: applied.classes,
  middle: applied.middle,
  rampThreshold: null,
});

/**
 * Gives the post to a certified applicant: in one commit who hired it and why, the model, a new epoch from zero with the
 * size of the test as its plan, and its certificate. The gate opens on it, on probation.
 * @throws a refusal (conflict) that says what is missing: nothing is written.
 */
export async function hire(
  station: LiveStation,
  { applicant, by, user, reason }: Appointment,
  place: ModelPlace & {
    readonly secrets: Secrets;
    readonly spec: (applied: Applied) => Promise<ApplicantSpec>;
    readonly graph: (applied: Applied) => Promise<Uint8Array | null>;
  },
): Promise<void> {
  const { journal, clock } = place;
  const { id } = station.config;
  const record = applicantsOf(journal.db, id).find((one) => one.id === applicant);
  if (record === undefined) throw conflict('no-applicant', 'Nobody applies under that name');
  if (record.barred)
    throw conflict('barred', `It is barred: ${record.why}. Let it apply again first, with your reason`);
  if (record.state === 'in-post') throw conflict('in-post', 'It has the post already');
  if (record.state === 'left' || record.state === 'refused')
    throw conflict('left', `It does not apply any more: ${record.why}`);
  if (station.gate === null) throw conflict('no-budget', 'Nobody has signed a budget for this station yet');
  const test = newestAssessment(journal.db, id, applicant);
  if (test === null || test.missing !== null)
    throw conflict('not-certified', 'It is not certified: more labels of evidence are needed');
  if (test.seq < lastHarm(journal.db, id))
    throw conflict('stale', 'Its test is older than the closing of the gate: it has to be tested anew');
  if (!keepsPlan(journal.db, id, test))
    throw conflict('other-budget', 'Its test was made for another budget: it has to be tested anew');
  const applied = record.body as unknown as Applied;
  const model = await open(applied, place);
  const sides = { accept: test.accept, reject: test.reject } as unknown as Record<
    'accept' | 'reject',
    CertifiedSide | null
  >;
  const atMs = Math.round(clock.nowMs());
  const facts = [
    ...(station.model === null ? [] : formerPost(station, place, atMs)),
    factOf('hired', {
      subject: id,
      atMs,
      body: {
        ...{ station: id, applicant, before: station.model?.hash ?? null, assessed: test.hash },
        ...{ by, user, reason },
      },
    }),
  ];
  try {
    await putToWork(
      station,
      {
        model,
        body: rowOf(applied),
        blobs: [],
        hired: {
          facts,
          certificate: {
            n: test.n,
            bads: test.bads,
            ...sides,
            watch: test.watch,
            hash: test.hash,
            assessed: true,
          },
        },
      },
      place,
    );
  } catch (error) {
    await model.scorer[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Whether a test still speaks of the process and the budget of today: no closing by harm, scope or an unknown regime, and
 * no other signature, came after it.
 */
export const isCurrent = (
  db: ModelPlace['journal']['db'],
  station: string,
  test: { readonly seq: number },
): boolean => test.seq > lastHarm(db, station) && keepsPlan(db, station, test);

/** Row of the last closing that says the process changed or harm was shown; 0 = none. */
export const lastHarm = (db: ModelPlace['journal']['db'], station: string): number =>
  Number(
    db
      .prepare(
        `SELECT max(seq) AS seq FROM gate_transition WHERE station = ? AND to_state = 'closed'
         AND (why LIKE 'harm:%' OR why LIKE 'unknown regime%' OR why LIKE 'scope %' OR why LIKE 'more findings%')`,
      )
      .get(station)?.seq ?? 0,
  );

/** A budget that was signed after the test may be a stricter one. */
function keepsPlan(
  db: ModelPlace['journal']['db'],
  station: string,
  test: { readonly seq: number },
): boolean {
  const row = db
    .prepare(`SELECT max(seq) AS seq FROM journal WHERE kind = 'signed' AND subject = ?`)
    .get(station);
  return Number(row?.seq ?? 0) < test.seq;
}

/** Who was in post before goes on as an applicant; where it never applied, it does so now. */
function formerPost(
  { config, model }: LiveStation,
  { journal }: ModelPlace,
  atMs: number,
): ReturnType<typeof factOf>[] {
  if (model === null || applicantsOf(journal.db, config.id).some(({ id }) => id === model.hash)) return [];
  const row = journal.db
    .prepare(
      `SELECT body FROM journal WHERE kind = 'model-installed' AND subject = ? ORDER BY seq DESC LIMIT 1`,
    )
    .get(config.id);
  if (row === undefined) return [];
  const body = JSON.parse(String(row.body)) as ModelRow;
  if (body.recipe === 'score') return [];
  const { name, recipe, parity, input, inputShape, classes, middle } = body;
  const from = recipe.startsWith('file') ? ('file' as const) : ('fit' as const);
  return [
    factOf('applied', {
      subject: config.id,
      atMs,
      body: {
        ...{ station: config.id, applicant: body.model, name, from, model: body.model, asked: null },
        ...{ recipe, parity, input, inputShape, classes, middle, fit: null },
      },
    }),
  ];
}

/** Opens what has the post: a graph in the site's own threads, anything else through its own process. */
export async function open(
  applied: Applied,
  {
    spec,
    graph,
  }: {
    readonly spec: (applied: Applied) => Promise<ApplicantSpec>;
    readonly graph: (applied: Applied) => Promise<Uint8Array | null>;
  },
): Promise<InstalledModel> {
  const row = rowOf(applied);
  if (applied.model !== null) return openModel(row, await graph(applied));
  const hosted = new HostedScorer(await spec(applied), { patienceMs: IN_POST_MS });
  await hosted.open();
  const scorer: Scorer = {
    score: async (units) => (await hosted.score(units)).said.map((one) => ({ ...one })),
    heat: async () => null,
    [Symbol.asyncDispose]: () => hosted[Symbol.asyncDispose](),
  };
  const { name, classes, middle } = applied;
  return { hash: applied.applicant, name, classes, middle, rampThreshold: null, scorer };
}
