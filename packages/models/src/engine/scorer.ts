import type { Observation, ObservationKind } from '../observe/observation.js';
import type { Scorer } from '../recipes/recipe.js';
import { messageOf, openRunner, type Runnable, type ScoredUnit } from './runner.js';
import { openWorkerSlot, type WorkerSlot } from './worker-slot.js';

export interface ScorerOptions {
  /** Worker threads; 0 runs in the caller's thread. Default: 2 for pictures, maps and pairs, 0 for series and rows. */
  readonly workers?: number;
  /** Intra-op threads of each session (default 1). */
  readonly threads?: number;
  /** A batch without an answer after this long costs its worker; its units are NaN. Default 120,000. */
  readonly deadlineMs?: number;
}

/** Units of one batch: bounds the memory of one run. */
const BATCH: Record<ObservationKind, number> = { series: 256, row: 1024, image: 8, map: 64, pair: 8 };
const WORKERS: Record<ObservationKind, number> = { series: 0, row: 0, image: 2, map: 2, pair: 2 };
/** Batches handed to one worker at a time: one runs, one is decoded. */
const AHEAD = 2;

/**
 * Opens a model for scoring. A damaged unit, a unit that the graph refuses and the units of a worker that crashed
 * come back NaN with a fault; a crashed worker is started again.
 * @throws where the graph cannot be opened.
 */
export async function openScorer(model: Runnable, options: ScorerOptions = {}): Promise<Scorer> {
  const threads = options.threads ?? 1;
  const workers = options.workers ?? WORKERS[model.input];
  const size = BATCH[model.input];
  if (workers === 0) return inlineScorer(model, threads, size);
  const slots: WorkerSlot[] = [];
  try {
    const plain: Runnable = { onnx: model.onnx, input: model.input, inputShape: [...model.inputShape] };
    for (let w = 0; w < workers; w++) {
      slots.push(await openWorkerSlot(plain, { threads, deadlineMs: options.deadlineMs ?? 120_000 }));
    }
  } catch (error) {
    await Promise.all(slots.map((slot) => slot.stop()));
    throw error;
  }
  return pooledScorer(slots, size);
}

async function inlineScorer(model: Runnable, threads: number, size: number): Promise<Scorer> {
  const runner = await openRunner(model, threads);
  let open = true;
  return {
    score: async (units) => {
      const said: ScoredUnit[] = [];
      for (let from = 0; from < units.length; from += size) {
        said.push(...(await runner.score(units.slice(from, from + size))));
      }
      return said;
    },
    heat: (unit) => runner.heat(unit),
    [Symbol.asyncDispose]: async () => {
      if (!open) return;
      open = false;
      await runner.release();
    },
  };
}

function pooledScorer(slots: readonly WorkerSlot[], size: number): Scorer {
  return {
    score: async (units) => {
      const said = new Array<ScoredUnit>(units.length);
      let next = 0;
      const lane = async (slot: WorkerSlot): Promise<void> => {
        while (next < units.length) {
          const from = next;
          next += size;
          const batch = units.slice(from, from + size);
          const answers = await askOrFault(slot, batch);
          answers.forEach((answer, i) => {
            said[from + i] = answer;
          });
        }
      };
      await Promise.all(slots.flatMap((slot) => Array.from({ length: AHEAD }, () => lane(slot))));
      return said;
    },
    heat: async (unit) => (await slots[0]!.ask('heat', [unit])) as Awaited<ReturnType<Scorer['heat']>>,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(slots.map((slot) => slot.stop()));
    },
  };
}

/**
 * A batch that is lost with its worker is asked again unit by unit, each at most twice (the other batch of the
 * same worker may have been the cause), so that one poisonous unit costs no other.
 */
async function askOrFault(slot: WorkerSlot, batch: readonly Observation[]): Promise<ScoredUnit[]> {
  try {
    return (await slot.ask('score', batch)) as ScoredUnit[];
  } catch {
    const said: ScoredUnit[] = [];
    for (const unit of batch) said.push(await askOne(slot, unit));
    return said;
  }
}

async function askOne(slot: WorkerSlot, unit: Observation): Promise<ScoredUnit> {
  let fault = '';
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      return ((await slot.ask('score', [unit])) as ScoredUnit[])[0]!;
    } catch (error) {
      fault = messageOf(error);
    }
  }
  return { score: Number.NaN, fault };
}
