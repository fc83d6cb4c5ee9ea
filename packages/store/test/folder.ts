import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Fact } from '../src/index.js';

/** A folder that goes when the test is done. */
export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const fact = (n: number, more: Partial<Fact> = {}): Fact => ({
  kind: 'decision',
  subject: `unit:${n}`,
  atMs: 1_000 + n,
  body: { call: 'good', score: n / 7 },
  ...more,
});

export const nowMs = (): number => 1_700_000_000_000;
