import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Observation } from '@selvedge/models';
import { Journal } from '@selvedge/store';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROJECTIONS } from '../folds/index.js';
import { systemClock } from '../live/clock.js';
import type { Arrival } from '../live/live-station.js';
import { Shadow, type ShadowOptions } from './shadow.js';

type Row = SiteFactBody<'shadow-scored'>;

const ID = 'a'.repeat(64);
const unit = (id: string, value = 1): Arrival => ({
  ...{ id, context: {}, lot: null, sourceAtMs: null },
  observation: { kind: 'row', values: Float64Array.of(value) },
});
const firstOf = (one: Observation): number => (one.kind === 'row' ? Number(one.values[0]) : Number.NaN);
const saying = (score: (value: number) => number) => async (units: readonly Observation[]) => ({
  said: units.map((one) => ({ score: score(firstOf(one)) })),
  cpuMs: 2,
});

async function shadowOf(score: ShadowOptions['scorer']['score']) {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-shadow-'));
  const journal = await Journal.open(folder, { nowMs: Date.now, projections: PROJECTIONS });
  onTestFinished(async () => {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  });
  const shadow = new Shadow({
    ...{ station: 's', applicant: ID, classes: null, journal, clock: systemClock, here: true, gatherMs: 1 },
    scorer: { score, [Symbol.asyncDispose]: async () => {} },
    log: () => {},
  });
  const rows = (): Row[] =>
    journal.read({ kind: 'shadow-scored', limit: 1000 }).map(({ body }) => body as Row);
  return { shadow, rows, journal };
}

describe('an applicant in shadow', () => {
  it('is shown what was decided, and what it says is written with its cost', async () => {
    const { shadow, rows } = await shadowOf(saying((value) => 2 * value));
    shadow.see([unit('a', 1), unit('b', 2)]);
    await shadow.idle();
    expect(rows()).toHaveLength(1);
    expect(rows()[0]).toMatchObject({
      applicant: ID,
      missed: 0,
      cpuMs: 2,
      units: [
        { unit: 'a', score: 2, fault: null },
        { unit: 'b', score: 4, fault: null },
      ],
    });
  });

  it('costs its own scores where it is too slow: what it has no room for is let go and counted', async () => {
    let free = (): void => {};
    const held = new Promise<void>((resolve) => {
      free = resolve;
    });
    const { shadow, rows } = await shadowOf(async (units) => {
      await held;
      return saying((value) => value)(units);
    });
    for (let n = 0; n < 1000; n++) shadow.see([unit(`u${n}`)]);
    expect(shadow.waiting).toBeLessThanOrEqual(256);
    free();
    await shadow.idle();
    const scored = rows().reduce((sum, { units }) => sum + units.length, 0);
    const missed = rows().reduce((sum, row) => sum + row.missed, 0);
    expect(scored + missed).toBe(1000);
    expect(missed).toBeGreaterThan(600);
  });

  it('has no score where it is broken, says nothing, or says what is no number', async () => {
    let turn = 0;
    const { shadow, rows } = await shadowOf(async (units) => {
      turn += 1;
      if (turn === 1) throw new Error('it fell over');
      if (turn === 2) return { said: [], cpuMs: 0 };
      return saying(() => Number.POSITIVE_INFINITY)(units);
    });
    for (const id of ['a', 'b', 'c']) {
      shadow.see([unit(id)]);
      await shadow.idle();
    }
    expect(rows().flatMap(({ units }) => units)).toEqual([
      { unit: 'a', score: null, fault: 'it fell over', classCall: null },
      { unit: 'b', score: null, fault: 'the model gave no score', classCall: null },
      { unit: 'c', score: null, fault: 'the model gave no score', classCall: null },
    ]);
  });

  it('is found out where it says otherwise when it is asked again', async () => {
    let said = 0;
    const { shadow } = await shadowOf(saying(() => said++));
    for (let n = 0; n < 8; n++) {
      shadow.see([unit(`u${n}`)]);
      await shadow.idle();
    }
    expect(shadow.unsteady).toBe(1);
    const steady = await shadowOf(saying((value) => value));
    for (let n = 0; n < 8; n++) {
      steady.shadow.see([unit(`u${n}`, n)]);
      await steady.shadow.idle();
    }
    expect(steady.shadow.unsteady).toBe(0);
  });

  it('counts the units whose row the disk refused as missed', async () => {
    const { shadow, rows, journal } = await shadowOf(saying((value) => value));
    const append = journal.append.bind(journal);
    let refuse = true;
    Object.defineProperty(journal, 'append', {
      value: async (fact: Parameters<typeof append>[0]) => {
        if (refuse) throw new Error('no space');
        return append(fact);
      },
    });
    shadow.see([unit('a'), unit('b')]);
    await shadow.idle();
    refuse = false;
    shadow.see([unit('c')]);
    await shadow.idle();
    expect(rows()).toMatchObject([{ missed: 2, units: [{ unit: 'c' }] }]);
  });
});
