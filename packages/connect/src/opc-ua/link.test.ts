import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commandFor,
  type Followed,
  folderOf,
  follow,
  KEY,
  NAMESPACE,
  tagOf,
  until,
} from '../../test/opc-ua/kit.js';
import type { NodeInfo } from '../contract/connector.js';
import type { Tag } from '../contract/tag.js';
import { arm } from '../guard/armed.js';
import type { OpcUaServer } from './server/options.js';
import { startOpcUaServer } from './server.js';

const MANY = 2_300;
const TAGS = [
  tagOf({ tag: 'm/speed', type: 'double', access: 'rw', range: [0, 100] }),
  tagOf({ tag: 'm/count', type: 'int64', address: `/Objects/{${NAMESPACE}}m/{${NAMESPACE}}count` }),
  tagOf({ tag: 'gone', type: 'double' }),
  tagOf({ tag: 'm/list', type: 'float', array: true }),
  tagOf({ tag: 'm/blob', type: 'bytes' }),
  tagOf({ tag: 'm/name', type: 'string' }),
  tagOf({ tag: 'm/when', type: 'datetime' }),
  tagOf({ tag: 'm/fine', type: 'double', deadband: 1 }),
  tagOf({ tag: 'indexed', type: 'double', address: 'ns=2;s=m/speed' }),
  tagOf({ tag: 'm/refuses', type: 'int16', access: 'rw' }),
  tagOf({ tag: 'm/fixed', type: 'int16', access: 'rw' }),
  tagOf({ tag: 'mistyped', type: 'bool', address: `nsu=${NAMESPACE};s=m/speed` }),
];
const named = (name: string): Tag => {
  const found = TAGS.find(({ tag }) => tag === name);
  if (!found) throw new Error(`no tag ${name}`);
  return found;
};
const SPEED = named('m/speed');
const REFUSES = named('m/refuses');
const FIXED = named('m/fixed');
let server: OpcUaServer;
let followed: Followed;
let folder: { path: string; remove: () => Promise<void> };
const taken: [string, unknown][] = [];

beforeAll(async () => {
  folder = await folderOf('opc-ua');
  server = await startOpcUaServer({
    port: 0,
    folder: join(folder.path, 'server'),
    namespace: NAMESPACE,
    unsecured: 'accepted',
    tags: [
      { tag: 'm/speed', type: 'double', unit: 'mm/s', range: [0, 100], writable: true, value: 1.5 },
      { tag: 'm/count', type: 'int64', value: -5n },
      { tag: 'm/list', type: 'float', array: true, value: [1.5, -2, 3] },
      { tag: 'm/blob', type: 'bytes', value: Uint8Array.of(0, 255, 7) },
      { tag: 'm/name', type: 'string', value: 'Näht' },
      { tag: 'm/when', type: 'datetime', value: 1_700_000_000_123 },
      { tag: 'm/fine', type: 'double', value: 10 },
      { tag: 'm/refuses', type: 'int16', writable: true, value: 1 },
      { tag: 'm/fixed', type: 'int16', value: 1 },
      ...Array.from({ length: MANY }, (_, n) => ({ tag: `many/n${n}`, type: 'bool' as const })),
    ],
    onWrite: (tag, value) => {
      if (tag === 'm/refuses') return 'BadUserAccessDenied';
      taken.push([tag, value]);
      return 'Good';
    },
  });
  followed = await follow(
    { endpoint: server.endpoint, security: 'None', unsecured: 'accepted', publishMs: 50 },
    join(folder.path, 'client'),
    TAGS,
  );
  await followed.state('up');
});

afterAll(async () => {
  await followed?.link.close();
  await server?.close();
  await folder?.remove();
});

const epoch = () => followed.states.at(-1)?.epoch ?? '';

describe('OPC UA client and server', () => {
  test('every tag is told once in full at the start, a bad one as bad, and none takes another along', () => {
    const first = TAGS.map(({ tag }) => followed.samplesOf(tag)[0]);
    expect(first.map((one) => [one?.tag, one?.quality, one?.value])).toEqual([
      ['m/speed', 'good', 1.5],
      ['m/count', 'good', -5n],
      ['gone', 'bad', null],
      ['m/list', 'good', [1.5, -2, 3]],
      ['m/blob', 'good', Uint8Array.of(0, 255, 7)],
      ['m/name', 'good', 'Näht'],
      ['m/when', 'good', 1_700_000_000_123],
      ['m/fine', 'good', 10],
      ['indexed', 'bad', null],
      ['m/refuses', 'good', 1],
      ['m/fixed', 'good', 1],
      ['mistyped', 'bad', null],
    ]);
    expect(first[2]?.status).toBe('BadNodeIdUnknown');
    expect(first[8]?.status).toContain('nsu=');
  });

  test('a change keeps the time of its source, its status and its quality', async () => {
    server.set('m/name', 'x', 1_700_000_000_000, 'uncertain');
    const told = await until('the change', () =>
      followed.samplesOf('m/name').find(({ value }) => value === 'x'),
    );
    expect(told).toMatchObject({
      atMs: 1_700_000_000_000,
      timeFrom: 'source',
      quality: 'uncertain',
      status: 'Uncertain',
    });
  });

  test('numbers of items have no gap within an epoch', () => {
    expect(followed.items.map(({ sequence }) => sequence)).toEqual(followed.items.map((_, n) => n));
    expect(new Set(followed.items.map((one) => one.epoch))).toEqual(new Set([epoch()]));
  });

  test('changes within the deadband are not told', async () => {
    for (const value of [10.4, 10.8, 12, 12.3, 20]) {
      server.set('m/fine', value);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await until('the last value', () => followed.samplesOf('m/fine').some(({ value }) => value === 20));
    expect(followed.samplesOf('m/fine').map(({ value }) => value)).toEqual([10, 12, 20]);
  });

  test('read: one sample for each tag in their order, the bad ones bad', async () => {
    const asked = ['gone', 'm/count', 'm/speed', 'm/count'].map(named);
    const read = await followed.link.read(asked);
    expect(read.map(({ tag, quality }) => [tag, quality])).toEqual([
      ['gone', 'bad'],
      ['m/count', 'good'],
      ['m/speed', 'good'],
      ['m/count', 'good'],
    ]);
  });

  test('browse goes on behind continuation points, gives addresses that can be read, and stops at its limit', async () => {
    const all: NodeInfo[] = [];
    for await (const one of followed.link.browse?.(`/Objects/{${NAMESPACE}}many`, 10_000) ?? [])
      all.push(one);
    expect(new Set(all.map(({ address }) => address)).size).toBe(MANY);
    expect(all[0]).toEqual({
      address: `nsu=${NAMESPACE};s=many/n0`,
      name: 'n0',
      kind: 'value',
      type: 'bool',
      writable: false,
    });
    let few = 0;
    for await (const _ of followed.link.browse?.(`/Objects/{${NAMESPACE}}many`, 1_500) ?? []) few += 1;
    expect(few).toBe(1_500);
    await expect(followed.link.browse?.('i=999999', 5)[Symbol.asyncIterator]().next()).rejects.toThrow(
      'BadNodeIdUnknown',
    );
  });

  test('write: done where the server confirmed it, once', async () => {
    const receipt = await followed.link.write?.(arm(commandFor('m/speed', 42.5), epoch(), KEY), SPEED);
    expect(receipt).toMatchObject({ outcome: 'done', status: 'Good' });
    expect(taken).toEqual([['m/speed', 42.5]]);
    await until('the value', () => followed.samplesOf('m/speed').some(({ value }) => value === 42.5));
  });

  test('write: refused where the server or its setter says no, with its word, and the value stays', async () => {
    const write = (tag: Tag, value: number) =>
      followed.link.write?.(arm(commandFor(tag.tag, value), epoch(), KEY), tag);
    expect(await write(REFUSES, 5)).toMatchObject({ outcome: 'refused', status: 'BadUserAccessDenied' });
    expect((await followed.link.read([REFUSES]))[0]?.value).toBe(1);
    expect(await write(FIXED, 5)).toMatchObject({ outcome: 'refused', status: 'BadNotWritable' });
    expect(await write(SPEED, 101)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('range'),
    });
    expect(await write(REFUSES, 70_000)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('int16'),
    });
  });

  test('write: nothing that is not armed, of another epoch, late, or for another tag is sent', async () => {
    const before = taken.length;
    const link = followed.link;
    const plain = { command: commandFor('m/speed', 1), epoch: epoch(), seal: '' } as never;
    expect(await link.write?.(plain, SPEED)).toMatchObject({ outcome: 'refused' });
    expect(await link.write?.(arm(commandFor('m/speed', 1), 'an older one', KEY), SPEED)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('epoch'),
    });
    const late = commandFor('m/speed', 1, { notAfterMs: Date.now() - 1 });
    expect(await link.write?.(arm(late, epoch(), KEY), SPEED)).toMatchObject({ outcome: 'refused' });
    const other = arm(commandFor('m/refuses', 1), epoch(), KEY);
    expect(await link.write?.(other, SPEED)).toMatchObject({ outcome: 'refused' });
    expect(taken).toHaveLength(before);
  });

  test('a closed link ends its iterators, and closing again does nothing', async () => {
    const other = await follow(
      { endpoint: server.endpoint, security: 'None', unsecured: 'accepted' },
      join(folder.path, 'client'),
      null,
    );
    await other.state('up');
    const reading = (async () => {
      for await (const _ of other.link.batches([])) void _;
      return 'ended';
    })();
    await other.link.close();
    await other.link.close();
    expect(await reading).toBe('ended');
    expect(await other.link.probe()).toMatchObject({ ok: false, tookMs: null });
    expect((await other.link.read([SPEED]))[0]?.quality).toBe('bad');
  });
});
