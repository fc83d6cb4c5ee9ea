import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSteps } from './study-steps.js';

const place = async () => join(await mkdtemp(join(tmpdir(), 'steps-')), 'deep', 'study.partial');

describe('the steps of a study', () => {
  it('are taken from an interrupted run, a cut line excepted', async () => {
    const file = await place();
    const first = await openSteps(file, 'abc');
    expect(await first.step('one', async () => ({ auc: 0.9 }))).toEqual({ auc: 0.9 });
    await first.step('two', async () => 2);
    await appendFile(file, '{"commit":"abc","key":"thr');
    const again = await openSteps(file, 'abc');
    expect(again.resumed).toBe(2);
    const made: string[] = [];
    const make = (name: string) => async () => {
      made.push(name);
      return name;
    };
    expect(await again.step('one', make('one'))).toEqual({ auc: 0.9 });
    expect(await again.step('three', make('three'))).toBe('three');
    expect(made).toEqual(['three']);
    expect((await openSteps(file, 'abc')).resumed).toBe(3);
  });
  it('begin anew for another commit, and leave nothing behind when done', async () => {
    const file = await place();
    const first = await openSteps(file, 'abc');
    await first.step('one', async () => 1);
    const other = await openSteps(file, 'def');
    expect(other.resumed).toBe(0);
    expect(await other.step('one', async () => 5)).toBe(5);
    await other.finish();
    await expect(readFile(file)).rejects.toThrow(/ENOENT/);
  });
});
