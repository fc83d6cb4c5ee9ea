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

async function hosted(config: unknown = {}, limits: Partial<HostLimits> = {}, connector = HOSTILE) {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-'));
  folders.push(folder);
  const items: Item[] = [];
  const states: LinkState[] = [];
  const link = new HostedLink({
    ...{ connector, config, tags: [tag('a'), tag('b')], key: KEY },
    limits: { beatMs: 100, deadMs: 1500, firstPauseMs: 20, longestPauseMs: 50, callMs: 5000, ...limits },
    context: {
      ...{ signal: new AbortController().signal, folder, log: () => {}, random: () => 0.5 },
      nowMs: () => Date.now(),
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
    const other = await hosted({}, {}, 'no-such-module');
    await other.until(() => other.states.at(-1)?.why.includes('no connector no-such-module') === true);
  });

  it('asks its host for secrets, and stops with it', async () => {
    const { link, states, until, isUp } = await hosted({ secret: 'known' });
    await until(isUp);
    expect(states.at(-1)?.why).toBe('the secret');
    const pid = link.pid ?? 0;
    await link.close();
    await link.close();
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
