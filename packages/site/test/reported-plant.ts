import { join } from 'node:path';
import { JOURNAL_FILE } from '@selvedge/store';
import { onTestFinished } from 'vitest';
import { factOf } from '../src/live/facts.js';
import { type OnEnd, plant, plantFolder } from './plant.js';

/** Numbers from a seed (mulberry32): the same plant in every run. */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A real site that ran a real shift: 400 units in shadow under a signed budget, a certificate, 300 units with an open
 * gate, an escape that was found at the customer, two interventions, a new budget (so that the first secret is opened),
 * and three units whose questions are still open. Returns what was done, to be found in the report.
 */
export async function reportedPlant(onEnd: OnEnd = onTestFinished) {
  const folder = await plantFolder(onEnd);
  const at = await plant(folder, { observation: '{ kind: score }', model: '{ recipe: score }', onEnd });
  const { parts, station, arrive, judgeAll, sign } = at;
  const next = seeded(3);
  const bring = async (name: string, bad: boolean, lot: string): Promise<void> => {
    const score = bad ? 5 + next() : next();
    const observation = { kind: 'row' as const, values: Float64Array.of(score) };
    await arrive(`${bad ? 'bad' : 'fine'}-${name}`, observation, lot);
  };
  await sign(400);
  for (let n = 0; n < 400; n += 1) {
    await bring(`s${n}`, n % 20 === 0, n < 200 ? 'L1' : 'L2');
    if (n % 100 === 99) await judgeAll();
  }
  await judgeAll();
  const opened = station.gate?.name;
  for (let n = 0; n < 300; n += 1) {
    await bring(`a${n}`, n % 30 === 0, 'L3');
    if (n % 100 === 99) await judgeAll();
  }
  await judgeAll();
  const say = (body: { type: string; seconds: number; verdict: boolean }, subject = 'press-1') =>
    parts.journal.append(
      factOf('intervened', {
        subject,
        atMs: parts.clock.nowMs(),
        body: { station: 'press-1', user: 'user:anna', ...body },
      }),
    );
  await say({ type: 'realign', seconds: 40, verdict: false });
  await say({ type: 'rework', seconds: 90, verdict: false }, 'fine-a5');
  const alone = String(
    parts.journal.db
      .prepare(
        `SELECT id FROM unit WHERE decided_by = 'gate' AND audit = 0 AND call = 'pass' AND id <> 'fine-a5' ORDER BY seq LIMIT 1`,
      )
      .get()?.id,
  );
  await station.desk.find({
    unit: alone,
    where: 'customer',
    label: 'crack',
    note: '',
    user: 'user:quality',
  });
  await sign(400, 0.02);
  for (let n = 0; n < 3; n += 1) await bring(`w${n}`, false, 'L3');
  await station.idle();
  const file = join(folder, 'data', JOURNAL_FILE);
  return { ...at, folder: join(folder, 'data'), file, escape: alone, opened };
}
