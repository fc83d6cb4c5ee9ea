import type { SiteFactBody } from '@selvedge/core/records';
import { openScorer } from '@selvedge/models';
import type { BlobRef, Blobs, Fact, Journal } from '@selvedge/store';
import { rampThreshold } from '../replay/certify.js';
import { median } from '../replay/measures.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { FittedForSite } from './fit-model.js';
import type { MadeCertificate } from './gate-desk.js';
import { directionOfHash, givenScores, turned } from './given-scores.js';
import type { LiveStation } from './live-station.js';
import type { InstalledModel } from './model.js';
import { type Secrets, secretHash } from './secrets.js';

/** Units that a station scores in one thread of its own: a native run never holds up the server. */
const WORKERS = 1;

/** What the journal says of a model. */
export type ModelRow = SiteFactBody<'model-installed'>;

/** `recipe` of a model made elsewhere; the second form turns the sign of its scores. */
export const FILE_RECIPES = { 'higher-worse': 'file', 'lower-worse': 'file, lower-worse' } as const;

export interface ModelPlace {
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
}

/** Keeps a fitted graph, writes that it is the station's model, and opens it. For a station without a gate. */
export async function installModel(
  { journal, blobs, clock }: ModelPlace,
  {
    station,
    fitted,
    bad,
    escapeRate,
  }: { station: string; fitted: FittedForSite; bad: readonly boolean[]; escapeRate: number },
): Promise<InstalledModel> {
  const blob = await blobs.put(fitted.onnx, 'model');
  const body = fittedRow(blob, { station, fitted, bad, escapeRate });
  await journal.append(
    factOf('model-installed', { subject: station, atMs: clock.nowMs(), body, blobs: [blob] }),
  );
  return openModel(body, fitted.onnx);
}

/** The row of a model that was fitted here. */
export function fittedRow(
  blob: BlobRef,
  {
    station,
    fitted,
    bad,
    escapeRate,
  }: { station: string; fitted: FittedForSite; bad: readonly boolean[]; escapeRate: number },
): ModelRow {
  const scores = [...fitted.outOfFold];
  return {
    station,
    model: blob.hash,
    name: fitted.name,
    recipe: fitted.recipe,
    parity: fitted.parity,
    input: fitted.input,
    inputShape: [...fitted.inputShape],
    classes: fitted.classes === null ? null : [...fitted.classes],
    middle: median(scores.filter((score, i) => !bad[i] && Number.isFinite(score))),
    rampThreshold: rampThreshold({ scores, bad }, escapeRate),
  };
}

/**
 * Puts a model to work in a station: written, and from the next unit on what scores. A gate that a person has signed
 * before begins a new epoch of the same budget in the same commit: what it has seen was said of other scores, or of none.
 * A closed one stays closed, unless the model is hired: a new epoch of it is a person's to begin.
 */
export async function putToWork(
  station: LiveStation,
  {
    model,
    body,
    blobs,
    hired,
  }: {
    model: InstalledModel;
    body: ModelRow;
    blobs: readonly BlobRef[];
    /** A person, or a signed policy, gives it the post: with the rows that say so and its certificate. */
    hired?: { readonly facts: readonly Fact[]; readonly certificate: MadeCertificate };
  },
  { journal, secrets, clock }: { journal: Journal; secrets: Secrets; clock: SiteClock },
): Promise<void> {
  const { id } = station.config;
  await station.desk.exclusively(async () => {
    const before = { gate: station.gate, model: station.model };
    const atMs = Math.round(clock.nowMs());
    const facts: Fact[] = [
      ...(hired?.facts ?? []),
      factOf('model-installed', { subject: id, atMs, body, blobs }),
    ];
    let secret: Uint8Array = Buffer.alloc(32);
    let old: Uint8Array | null = null;
    try {
      if (before.gate !== null) old = await secrets.read(id, before.gate.epoch);
      if (old !== null) secret = old;
      if (before.gate !== null && (before.gate.name !== 'closed' || hired !== undefined)) {
        const { epoch, plan } = before.gate;
        secret = await secrets.make(id, epoch + 1);
        if (old !== null) {
          const revealed = { station: id, epoch, secret: Buffer.from(old).toString('hex') };
          facts.push(factOf('secret-revealed', { subject: id, atMs, body: revealed }));
        }
        const committed = { station: id, epoch: epoch + 1, hash: secretHash(secret) };
        facts.push(factOf('secret-committed', { subject: id, atMs, body: committed }));
        facts.push(
          ...station.desk.factsOf({
            type: 'new-epoch',
            plannedUnits: hired?.certificate.n ?? plan.plannedUnits,
            rampThreshold: plan.budget.contract === 'per-unit' ? body.rampThreshold : null,
            atMs,
          }),
        );
        if (hired !== undefined) facts.push(...station.desk.certifiedFacts(hired.certificate, atMs));
      }
      await journal.appendAll(facts);
    } catch (error) {
      // The gate is read again as the journal has it.
      station.renew(old ?? Buffer.alloc(32), before.model);
      throw error;
    }
    station.renew(secret, model);
    await before.model?.scorer[Symbol.asyncDispose]();
  });
}

/** The newest model that the journal has of a station, whether or not it can be opened. */
export function installedRow({ db }: Journal, station: string): ModelRow | null {
  const row = db
    .prepare(
      `SELECT body FROM journal WHERE kind = 'model-installed' AND subject = ? ORDER BY seq DESC LIMIT 1`,
    )
    .get(station);
  return row === undefined ? null : (JSON.parse(String(row.body)) as ModelRow);
}

/**
 * The models that the journal says are installed, opened from what was kept of them.
 * @param wanted false for a model of a kind that the configuration no longer names.
 */
export async function restoreModels(
  { journal, blobs }: Omit<ModelPlace, 'clock'>,
  {
    stations,
    wanted,
    log,
  }: {
    readonly stations: readonly string[];
    readonly wanted: (row: ModelRow) => boolean;
    readonly log: (event: string, fields: Record<string, unknown>) => void;
  },
): Promise<Map<string, InstalledModel>> {
  const models = new Map<string, InstalledModel>();
  for (const station of stations) {
    const body = installedRow(journal, station);
    if (body === null || !wanted(body)) continue;
    try {
      const graph = directionOfHash(body.model) === null ? await blobs.get(body.model) : null;
      models.set(station, await openModel(body, graph));
    } catch (error) {
      // The station goes on without: its units go to people.
      log('model-missing', { station, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return models;
}

/** Opens a model. `onnx`: its graph; null for scores that are made elsewhere. @throws where the graph cannot be opened. */
export async function openModel(body: ModelRow, onnx: Uint8Array | null): Promise<InstalledModel> {
  const { model: hash, name, classes, middle, rampThreshold: ramp } = body;
  const known = { hash, name, classes, middle, rampThreshold: ramp };
  const direction = directionOfHash(hash);
  if (direction !== null) return { ...known, scorer: givenScores(direction) };
  if (onnx === null) throw new RangeError('a model with a graph needs its bytes');
  const { input, inputShape } = body;
  const scorer = await openScorer({ onnx, input, inputShape }, { workers: WORKERS });
  return { ...known, scorer: body.recipe === FILE_RECIPES['lower-worse'] ? turned(scorer) : scorer };
}
