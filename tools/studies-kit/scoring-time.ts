import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScorer } from '@selvedge/models';
import { makeLineModel } from '../../packages/cli/src/demo/line-model.js';

const COVERS = 20;
const CHANNELS = 5;
const LENGTH = 300;
/** Of a worker that has not scored yet. */
const WARM_UP = 20;

/** Milliseconds to score one unit, many times, by the model of the demo's line in a worker, as a site has it. */
export async function timeScoring(times: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-scoring-'));
  try {
    const { file } = await makeLineModel(folder, COVERS);
    const { input, inputShape } = JSON.parse(await readFile(`${file}.json`, 'utf8'));
    const scorer = await openScorer({ onnx: await readFile(file), input, inputShape }, { workers: 1 });
    try {
      const took: number[] = [];
      for (let n = 0; n < times + WARM_UP; n++) {
        const values = Float32Array.from({ length: CHANNELS * LENGTH }, (_, i) => Math.sin(i + n));
        const from = performance.now();
        await scorer.score([{ kind: 'series', channels: CHANNELS, values }]);
        if (n >= WARM_UP) took.push(performance.now() - from);
      }
      return took;
    } finally {
      await scorer[Symbol.asyncDispose]();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
