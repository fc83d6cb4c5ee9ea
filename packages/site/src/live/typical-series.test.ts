import { createRandom, type Random } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { CONFIG, liveLine } from '../../test/live-line.js';
import { TypicalSeries } from './typical-series.js';

const LENGTH = 40;

/** Two channels: a ramp with noise of .1, and one that never moves; `bump` is added to the ramp from reading 20 to 24. */
function trace(random: Random, bump = 0, length = LENGTH): Float32Array {
  const values = new Float32Array(2 * length);
  for (let i = 0; i < length; i += 1) {
    values[2 * i] = i + 0.1 * random.normal() + (i >= 20 && i < 25 ? bump : 0);
    values[2 * i + 1] = 7;
  }
  return values;
}

async function line(good: number, { bad = 0, seed = 3 } = {}) {
  const own = await liveLine();
  const random = createRandom(seed);
  const { station, clock, journal, blobs } = own;
  const bring = (id: string, values: Float32Array) =>
    station.arrive({
      ...{ id, context: {}, lot: null, sourceAtMs: null },
      observation: { kind: 'series', channels: 2, values },
    });
  const judge = async (): Promise<void> => {
    await station.idle();
    for (const { id, unit } of station.answers.questions.list())
      await station.answers.answer(id, {
        ...{ user: 'user:anna', by: 'touch', tookMs: 1 },
        label: unit.startsWith('bad') ? 'crack' : 'good',
      });
    clock.pass(CONFIG.undoMs);
    await station.answers.sweep();
  };
  for (let n = 0; n < good; n += 1) void bring(`good-${n}`, trace(random));
  for (let n = 0; n < bad; n += 1) void bring(`bad-${n}`, trace(random, 50));
  await judge();
  const typical = new TypicalSeries({ db: journal.db, blobs, steadyMs: clock.steadyMs });
  const marks = (values: Float32Array) => typical.marks(CONFIG, { values, channels: 2 });
  return { ...own, bring, judge, marks, random };
}

describe('how far a reading is from a typical good one', () => {
  it('stands out where the unit differs and nowhere else, whatever bad units have passed by', async () => {
    const { marks, random } = await line(60, { bad: 40 });
    const found = (await marks(trace(random, 1)))!;
    expect(found.map((channel) => channel.length)).toEqual([LENGTH, LENGTH]);
    const [ramp, still] = found;
    const inside = ramp!.slice(20, 25);
    expect(Math.min(...inside)).toBeGreaterThan(5);
    expect(Math.max(...ramp!.filter((_, i) => i < 20 || i >= 25).map(Math.abs))).toBeLessThan(5);
    expect(still).toEqual(Array.from({ length: LENGTH }, () => 0));
    // A typical good unit deviates by about one: the scale is that of the noise.
    const good = (await marks(trace(random)))![0]!;
    const square = good.reduce((sum, z) => sum + z * z, 0) / LENGTH;
    expect(square).toBeGreaterThan(0.5);
    expect(square).toBeLessThan(2);
  });

  it('says nothing from too few, and finds out later that there are enough', async () => {
    const { marks, random, bring, judge, clock } = await line(19);
    expect(await marks(trace(random))).toBeNull();
    await bring('good-last', trace(random));
    await judge();
    expect(await marks(trace(random))).toBeNull();
    clock.pass(30_001);
    await marks(trace(random));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await marks(trace(random))).not.toBeNull();
  });

  it('is finite for any unit: longer, with gaps, far away or off a channel that never moves', async () => {
    const { marks, random } = await line(30);
    const values = trace(random, 1e30, LENGTH + 10);
    values[0] = Number.NaN;
    values[3] = 8;
    const [ramp, still] = (await marks(values))!;
    expect(ramp!.slice(LENGTH)).toEqual(Array.from({ length: 10 }, () => 0));
    expect([ramp![0], ramp![22], still![1]]).toEqual([0, 20, 20]);
    expect(JSON.parse(JSON.stringify([ramp, still]))).toEqual([ramp, still]);
  });
});
