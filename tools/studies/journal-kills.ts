import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binomialUpper } from '@selvedge/core';
import { JOURNAL_FILE, Journal, verifyJournal } from '@selvedge/store';
import { writeAndKill } from '../../packages/store/test/kill.js';
import { uniforms } from '../studies-kit/score-pools.js';

/**
 * A journal under load whose process is killed without warning, again and again, at moments drawn by the seed: what was
 * acknowledged and is not there afterwards, what stands twice, and whether the chain is sound. 50 kills by default.
 */
export async function run(options: {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly progress: (done: number, what: string) => void;
}): Promise<object> {
  const { seed, runs = 50, progress } = options;
  const uniform = uniforms(seed);
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-kills-'));
  const acknowledged = new Map<number, string>();
  let twice = 0;
  let lost = 0;
  try {
    for (let kill = 0; kill < runs; kill++) {
      const { facts, stderr } = await writeAndKill(folder, 2 + 400 * uniform(), { content: kill % 3 === 0 });
      if (stderr !== '') throw new Error(`the writer failed by itself: ${stderr}`);
      for (const [seq, hash] of facts) {
        if (acknowledged.has(seq)) twice++;
        acknowledged.set(seq, hash);
      }
      const journal = await Journal.open(folder, { nowMs: Date.now });
      try {
        const after = Math.min(...facts.keys(), journal.head.seq) - 1;
        const known = new Map(journal.read({ after, limit: 1e9 }).map((row) => [row.seq, row.hash]));
        lost += [...facts].filter(([seq, hash]) => known.get(seq) !== hash).length;
      } finally {
        await journal.close();
      }
      progress((kill + 1) / runs, `${acknowledged.size} rows acknowledged, ${lost} lost`);
    }
    const { ok, rows, faults } = verifyJournal(join(folder, JOURNAL_FILE));
    return {
      what: 'demand: 50 kills under load lose no acknowledged row and double none; the chain is sound',
      kills: runs,
      acknowledged: acknowledged.size,
      lost,
      lostUpper95: binomialUpper(lost, acknowledged.size, 0.05),
      acknowledgedTwice: twice,
      rows,
      sound: ok,
      faults,
      reached: ok && lost === 0 && twice === 0,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
