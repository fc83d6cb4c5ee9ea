import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { LinkState } from '../contract/connector.js';
import type { Item } from '../contract/item.js';
import { tagSchema } from '../contract/tag.js';
import { arm } from '../guard/armed.js';
import { HostedLink, type HostLimits } from './hosted-link.js';

const HOSTILE = fileURLToPath(new URL('../../test/hostile-connector.ts', import.meta.url));
const tag = (name: string) => tagSchema.parse({ tag: name, address: name, type: 'double', access: 'rw' });
const KEY = new Uint8Array(32).fill(7);

const open: HostedLink[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

interface Hosting {
  readonly connector: string;
  readonly nowMs: () => number;
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
}

async function hosted(
  config: unknown = {},
  limits: Partial<HostLimits> = {},
  { connector = HOSTILE, nowMs = () => Date.now(), log = () => {} }: Partial<Hosting> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-'));
  folders.push(folder);
  const items: Item[] = [];
  const states: LinkState[] = [];
  const link = new HostedLink({
    ...{ connector, config, tags: [tag('a'), tag('b')], key: KEY },
    limits: { beatMs: 100, deadMs: 1500, firstPauseMs: 20, longestPauseMs: 50, callMs: 5000, ...limits },
    context: {
      ...{ signal: new AbortController().signal, folder, log, random: () => 0.5, nowMs },
      steadyMs: () => performance.now(),
      secret: async (name) => {
        if (name !== 'known') throw new RangeError(`there is no secret ${name}`);
        return 'the secret';
      },
    },
  });
  open.push(link);
  void (async () => {
    for await (const state of link.states()) states.push(state);
  })();
  void (async () => {
    for await (const batch of link.batches()) {
      items.push(...batch.items);
      await batch.ack();
    }
  })();
  const until = async (what: () => boolean): Promise<void> => {
    for (let i = 0; i < 1500 && !what(); i += 1) await wait(20);
    expect(what()).toBe(true);
  };
  const isUp = () => states.at(-1)?.state === 'up';
  return { link, items, states, until, isUp, folder };
}

const command = (id: string, notAfterMs = Date.now() + 4000) => ({
  ...{ id, target: 'a', value: 1, decision: 'd', release: 'r', gate: 'g', notAfterMs },
});

describe('a connector in its own process', () => {
  it('hands on values, states and answers; a crash makes its tags bad at once and it starts again', async () => {
    const { link, items, states, until, isUp } = await hosted();
    await until(() => isUp() && items.length > 10);
    expect(await link.read([tag('a')])).toMatchObject([{ tag: 'a', quality: 'good' }]);
    expect(await link.probe()).toMatchObject({ ok: true });
    const before = states.at(-1)?.epoch;
    const sequences = items.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, i) => i));
    const from = items.length;
    expect(await link.read([tag('crash')])).toMatchObject([{ tag: 'crash', quality: 'bad', value: null }]);
    await until(
      () => items.slice(from).filter((one) => one.kind === 'sample' && one.quality === 'bad').length === 2,
    );
    await until(() => isUp() && states.at(-1)?.epoch !== before);
    expect(link.restarts).toBe(1);
    expect(states.some(({ state, why }) => state === 'down' && why.includes('JSON'))).toBe(true);
  });

  it('kills one that spins or leaks, and goes on', async () => {
    const { link, states, until, isUp } = await hosted({}, { heapBytes: 200_000_000 });
    await until(isUp);
    void link.read([tag('spin')]);
    await until(() => states.some(({ why }) => why.includes('no sign of life')));
    await until(isUp);
    void link.read([tag('leak')]);
    await until(() => states.some(({ why }) => why.includes('MB of memory')));
    await until(isUp);
    expect(link.restarts).toBe(2);
  });

  it('a write under way when it dies is unknown, was sent once, and is not sent again', async () => {
    const { link, states, until, isUp, folder } = await hosted();
    await until(isUp);
    const epoch = states.at(-1)?.epoch ?? '';
    expect(await link.write(arm(command('w1'), epoch, KEY), tag('a'))).toMatchObject({ outcome: 'done' });
    expect(await link.write(arm(command('w2'), epoch, KEY), tag('crash'))).toMatchObject({
      outcome: 'unknown',
    });
    expect(await link.write(arm(command('w3'), epoch, KEY), tag('a'))).toMatchObject({ outcome: 'refused' });
    await until(() => isUp() && states.at(-1)?.epoch !== epoch);
    // Armed under the old epoch, by another guard, or past its time: nothing of it reaches the equipment.
    expect(await link.write(arm(command('w4'), epoch, KEY), tag('a'))).toMatchObject({ outcome: 'refused' });
    const now = states.at(-1)?.epoch ?? '';
    const forged = await link.write(arm(command('w5'), now, new Uint8Array(32)), tag('a'));
    expect(forged).toMatchObject({ outcome: 'refused', why: expect.stringContaining('seal') });
    expect(await link.write(arm(command('w6', Date.now() - 1), now, KEY), tag('a'))).toMatchObject({
      outcome: 'refused',
    });
    expect((await readFile(join(folder, 'written'), 'utf8')).trim().split('\n')).toEqual(['w1', 'w2']);
  });

  it('what says things that nobody understands is ended, and takes its host along in nothing', async () => {
    const { link, states, until, isUp } = await hosted();
    await until(isUp);
    await link.read([tag('nonsense')]);
    await until(() => states.some(({ why }) => why.includes('what nobody understands')));
    await until(() => isUp() && link.restarts === 1);
  });

  it('a configuration that cannot work is said once and not tried again', async () => {
    const { link, states, until } = await hosted({ nonsense: 1 });
    await until(() => states.at(-1)?.state === 'down' && states.at(-1)?.why.includes('nonsense') === true);
    await wait(200);
    expect(link.restarts).toBe(0);
    const other = await hosted({}, {}, { connector: 'no-such-module' });
    await other.until(() => other.states.at(-1)?.why.includes('no connector no-such-module') === true);
  });

  it('a reading that comes mixed up, or not for every tag, is put into the order of the tags', async () => {
    const { link, until, isUp } = await hosted();
    await until(isUp);
    const asked = [tag('left-out'), tag('shuffle'), tag('b'), tag('b')];
    const answers = await link.read(asked);
    expect(answers.map((one) => one.tag)).toEqual(asked.map((one) => one.tag));
    expect(answers.map(({ quality }) => quality)).toEqual(['bad', 'good', 'good', 'good']);
    expect(answers[0]).toMatchObject({ value: null, status: expect.stringContaining('did not answer') });
  });

  it('a write whose time is up when a connector that stalled gets to it is refused, whatever hour the clocks say', async () => {
    const aheadMs = 3_600_000;
    const { link, states, until, isUp, folder } = await hosted({}, {}, { nowMs: () => Date.now() + aheadMs });
    await until(isUp);
    const epoch = states.at(-1)?.epoch ?? '';
    const stalled = link.read([tag('stall')]);
    const late = command('late', Date.now() + aheadMs + 300);
    expect(await link.write(arm(late, epoch, KEY), tag('a'))).toEqual({
      ...{ id: 'late', outcome: 'refused', why: 'too late' },
    });
    await stalled;
    await expect(readFile(join(folder, 'written'), 'utf8')).rejects.toThrow('ENOENT');
  });

  it('an answer that comes after its time is that of no later command', async () => {
    const { link, states, until, isUp } = await hosted({}, { callMs: 300, deadMs: 4000 });
    await until(isUp);
    const epoch = states.at(-1)?.epoch ?? '';
    expect(await link.write(arm(command('w1'), epoch, KEY), tag('stall'))).toMatchObject({
      ...{ id: 'w1', outcome: 'unknown', why: expect.stringContaining('no answer from the connector') },
    });
    const next = await link.write(arm(command('w2'), epoch, KEY), tag('a'));
    expect(next).toMatchObject({ id: 'w2' });
    await wait(700);
    expect(await link.write(arm(command('w3'), epoch, KEY), tag('a'))).toMatchObject({
      ...{ id: 'w3', outcome: 'done' },
    });
  });

  it('inherits nothing of the environment but what it needs to run', async () => {
    process.env.SELVEDGE_TEST_SECRET = 'hunter2-hunter2';
    try {
      const { link, until, isUp } = await hosted();
      await until(isUp);
      const [sample] = await link.read([tag('environment')]);
      const names = Object.keys(JSON.parse(String(sample?.value)));
      expect(names).toContain('PATH');
      expect(names).not.toContain('SELVEDGE_TEST_SECRET');
      expect(String(sample?.value)).not.toContain('hunter2');
    } finally {
      delete process.env.SELVEDGE_TEST_SECRET;
    }
  });

  it('tells nobody the secret that it was given, also where its last words hold it', async () => {
    const logged: string[] = [];
    const log = (event: string, fields?: unknown): void => void logged.push(JSON.stringify([event, fields]));
    const { link, states, until, isUp, items } = await hosted({ secret: 'known' }, {}, { log });
    await until(isUp);
    expect(states.map(({ why }) => why)).not.toContain('the secret');
    void link.read([tag('blab')]);
    await until(() => states.some(({ why }) => why.includes('no login at mqtt://•••@host')));
    const said = JSON.stringify([states, items, logged]);
    expect(said).toContain('no login');
    expect(said).not.toContain('the secret');
  });

  it('asks its host for secrets, and stops with it', async () => {
    const { link, states, until, isUp } = await hosted({ secret: 'known' });
    await until(isUp);
    // It says it back, which nobody else is told.
    expect(states.at(-1)?.why).toBe('•••');
    const pid = link.pid ?? 0;
    await link.close();
    await link.close();
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
