import type { Observation } from '../observe/observation.js';
import type { FittedModel, Scored, Scorer } from '../recipes/recipe.js';
import { type EngineSession, openSession, type Tensor } from './engine.js';
import { type PreparedBatch, prepareFor, toTensor } from './prepare.js';

/** What is needed to run a model: the graph and how its input is made. */
export type Runnable = Pick<FittedModel, 'onnx' | 'input' | 'inputShape'>;

/** What is said of one unit; `fault` is set where `score` is NaN. */
export type ScoredUnit = Scored & { readonly fault?: string };

/** One graph on one thread. Calls run one after the other; each is one batch. */
export interface Runner {
  score(units: readonly Observation[]): Promise<ScoredUnit[]>;
  heat: Scorer['heat'];
  release(): Promise<void>;
}

/**
 * Opens the graph of a model.
 * @throws where onnxruntime refuses the graph, or where it has no `score`.
 */
export async function openRunner(model: Runnable, threads: number): Promise<Runner> {
  const prepare = await prepareFor(model.input);
  const session = await openSession(model.onnx, { threads });
  if (!session.outputNames.includes('score')) {
    await session.release();
    throw new Error(`the graph has no output "score" (it has ${session.outputNames.join(', ')})`);
  }
  const outputs = session.outputNames.filter((name) => name !== 'heat');
  // The next batch is decoded while the one before runs; runs themselves never overlap.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  const prepared = (units: readonly Observation[]): Promise<PreparedBatch> =>
    prepare(units, model.inputShape);
  const score = async (units: readonly Observation[]): Promise<ScoredUnit[]> => {
    let batch: PreparedBatch;
    try {
      batch = await prepared(units);
    } catch (error) {
      if (units.length <= 1) return units.map(() => ({ score: Number.NaN, fault: messageOf(error) }));
      // One unit that breaks the decoder must not take its batch along.
      const said: ScoredUnit[] = [];
      for (const unit of units) said.push(...(await score([unit])));
      return said;
    }
    return inTurn(() => scoreBatch(session, outputs, units, batch, prepared));
  };
  return {
    score,
    heat: async (unit) => {
      if (!session.outputNames.includes('heat')) return null;
      const batch = await prepared([unit]);
      if (batch.rows.length === 0) return null;
      const out = await inTurn(() => session.run(feedsOf(batch), ['heat']));
      const [, height = 0, width = 0] = out.heat!.dims;
      return { width, height, values: Float32Array.from(out.heat!.data as Float32Array) };
    },
    release: () => inTurn(() => session.release()),
  };
}

function feedsOf(batch: PreparedBatch): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(batch.feeds).map(([name, plain]) => [name, toTensor(plain)]));
}

async function scoreBatch(
  session: EngineSession,
  outputs: readonly string[],
  units: readonly Observation[],
  batch: PreparedBatch,
  prepare: (units: readonly Observation[]) => Promise<PreparedBatch>,
): Promise<ScoredUnit[]> {
  const said: ScoredUnit[] = batch.faults.map((fault) => ({
    score: Number.NaN,
    fault: fault ?? 'not scored',
  }));
  if (batch.rows.length === 0) return said;
  try {
    const out = await session.run(feedsOf(batch), outputs);
    const scores = out.score!.data as Float32Array;
    const shares = out.class_scores?.data as Float32Array | undefined;
    const count = shares === undefined ? 0 : shares.length / batch.rows.length;
    batch.rows.forEach((unit, row) => {
      const score = scores[row]!;
      said[unit] = {
        score,
        ...(shares ? { classScores: shares.slice(row * count, (row + 1) * count) } : {}),
        ...(Number.isNaN(score) ? { fault: 'the model gave no number' } : {}),
      };
    });
  } catch (error) {
    if (batch.rows.length === 1) {
      said[batch.rows[0]!] = { score: Number.NaN, fault: messageOf(error) };
      return said;
    }
    // One unit that the graph refuses must not take its batch along.
    for (const unit of batch.rows) {
      const single = [units[unit]!];
      said[unit] = (await scoreBatch(session, outputs, single, await prepare(single), prepare))[0]!;
    }
  }
  return said;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
