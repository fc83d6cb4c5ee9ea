import { createRandom, type FitUnit, fitModel, type Observation } from '@selvedge/models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HostedScorer } from './hosted-scorer.js';

const row = (...values: number[]): Observation => ({ kind: 'row', values: Float64Array.from(values) });

async function fitted() {
  const random = createRandom(5);
  const units = Array.from({ length: 60 }, (_, n): FitUnit => {
    const bad = n % 4 === 0;
    const observation = row(random.normal() + (bad ? 4 : 0), random.normal());
    return { id: `u${n}`, label: bad ? 'crack' : 'good', observation };
  });
  return fitModel(units, { recipe: 'supervised', seed: 3 });
}

describe('an applicant in a process of its own', () => {
  it('scores as the fitted recipe does, and tells the time on the processor', async () => {
    const model = await fitted();
    const { onnx, inputShape } = model;
    const scorer = new HostedScorer(
      { kind: 'graph', onnx, input: 'row', inputShape, turned: false },
      { patienceMs: 60_000 },
    );
    onTestFinished(() => scorer[Symbol.asyncDispose]());
    const units = [row(0, 0), row(5, 0)];
    const { said, cpuMs } = await scorer.score(units);
    const expected = await model.reference(units);
    for (const [i, { score }] of expected.entries()) expect(said[i]!.score).toBeCloseTo(score, 4);
    expect(cpuMs).toBeGreaterThan(0);
  }, 120_000);

  it('refuses a graph that is none with the reason, and waits longer before each further try', async () => {
    const scorer = new HostedScorer(
      { kind: 'graph', onnx: Buffer.from('no graph'), input: 'row', inputShape: [1], turned: false },
      { patienceMs: 60_000 },
    );
    onTestFinished(() => scorer[Symbol.asyncDispose]());
    await expect(scorer.open()).rejects.toThrow(/.+/);
    // Within its pause nothing is started.
    const from = performance.now();
    await expect(scorer.score([row(1)])).rejects.toThrow(/.+/);
    expect(performance.now() - from).toBeLessThan(900);
  }, 120_000);

  it('says nothing after it was closed', async () => {
    const scorer = new HostedScorer(
      { kind: 'graph', onnx: Buffer.from('no graph'), input: 'row', inputShape: [1], turned: false },
      { patienceMs: 1000 },
    );
    await scorer[Symbol.asyncDispose]();
    await expect(scorer.open()).rejects.toThrow(/closed/);
  });
});
