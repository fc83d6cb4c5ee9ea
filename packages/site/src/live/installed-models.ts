import type { ObservationKind } from '@selvedge/models';
import { openScorer } from '@selvedge/models';
import type { Blobs, Journal } from '@selvedge/store';
import { rampThreshold } from '../replay/certify.js';
import { median } from '../replay/measures.js';
import type { SiteClock } from './clock.js';
import { factOf } from './facts.js';
import type { FittedForSite } from './fit-model.js';
import type { InstalledModel } from './model.js';

/** Units that a station scores in one thread of its own: a native run never holds up the server. */
const WORKERS = 1;

interface Place {
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly clock: SiteClock;
}

/** Keeps a fitted graph, writes that it is the station's model, and opens it. */
export async function installModel(
  { journal, blobs, clock }: Place,
  {
    station,
    fitted,
    bad,
    escapeRate,
  }: { station: string; fitted: FittedForSite; bad: readonly boolean[]; escapeRate: number },
): Promise<InstalledModel> {
  const blob = await blobs.put(fitted.onnx, 'model');
  const scores = [...fitted.outOfFold];
  const middle = median(scores.filter((score, i) => !bad[i] && Number.isFinite(score)));
  const body = {
    station,
    model: blob.hash,
    name: fitted.name,
    recipe: fitted.recipe,
    parity: fitted.parity,
    input: fitted.input,
    inputShape: [...fitted.inputShape],
    classes: fitted.classes === null ? null : [...fitted.classes],
    middle,
    rampThreshold: rampThreshold({ scores, bad }, escapeRate),
  };
  await journal.append(
    factOf('model-installed', { subject: station, atMs: clock.nowMs(), body, blobs: [blob] }),
  );
  return open(body, fitted.onnx);
}

/** The models that the journal says are installed, opened from what was kept of them. */
export async function restoreModels(
  { journal, blobs }: Place,
  log: (event: string, fields: Record<string, unknown>) => void,
): Promise<Map<string, InstalledModel>> {
  const models = new Map<string, InstalledModel>();
  const rows = journal.db
    .prepare(`SELECT body FROM journal WHERE kind = 'model-installed' ORDER BY seq`)
    .all()
    .map((row) => JSON.parse(String(row.body)) as Parameters<typeof open>[0] & { station: string });
  for (const body of new Map(rows.map((row) => [row.station, row])).values()) {
    try {
      models.set(body.station, await open(body, await blobs.get(body.model)));
    } catch (error) {
      // The station goes on without: its units go to people.
      log('model-missing', {
        station: body.station,
        why: error instanceof Error ? error.message : String(error),
      });
    }
  }
  return models;
}

async function open(
  body: {
    readonly model: string;
    readonly name: string;
    readonly input: ObservationKind;
    readonly inputShape: readonly number[];
    readonly classes: readonly string[] | null;
    readonly middle: number;
    readonly rampThreshold: number | null;
  },
  onnx: Uint8Array,
): Promise<InstalledModel> {
  const scorer = await openScorer(
    { onnx, input: body.input, inputShape: body.inputShape },
    { workers: WORKERS },
  );
  const { model: hash, name, classes, middle, rampThreshold: ramp } = body;
  return { hash, name, classes, middle, rampThreshold: ramp, scorer };
}
