import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually, HASTE, Reader, RecordingBroker, tag, testContext } from '../../test/mqtt-kit.js';
import type { Command } from '../contract/command.js';
import { type Tag, tagSchema } from '../contract/tag.js';
import { SCALAR_TYPES, sameValue, type Value } from '../contract/value.js';
import { arm } from '../guard/armed.js';
import { fromRaw, toRaw } from './as-type.js';
import { documentWith, parseJsonAddress, pointTo } from './json-address.js';
import { mqttJson } from './json-connector.js';
import { sampleOf, toJson } from './json-reading.js';

const speed = tag({ tag: 'speed', address: 'cell/a#/speed', type: 'double', range: [0, 10], deadband: 0.5 });
const count = tag({ tag: 'count', address: 'cell/a#/nested/0/count', type: 'uint64' });
const set = tag({ tag: 'set', address: 'cell/a#/set', type: 'float', access: 'rw', scale: 2, offset: 1 });
const bare = tag({ tag: 'bare', address: 'cell/b', type: 'bool' });
const wrong = tag({ tag: 'wrong', address: 'cell/+#/x', type: 'bool' });
const tags = [speed, count, set, bare, wrong];

async function start(more: object = {}) {
  const broker = await RecordingBroker.start();
  const config = mqttJson.manifest.config.parse({
    broker: { ...HASTE, urls: [broker.url] },
    ...{ qualityPointer: '/q', timePointer: '/t', confirmMs: 300 },
    commands: [{ address: set.address, topic: 'cell/a/set', pointer: '/to/value' }],
    ...more,
  });
  const link = await mqttJson.open(config, testContext());
  const reader = new Reader(link, tags);
  await reader.until('up');
  const write = (value: Command['value'], of = set) =>
    link.write?.(
      arm(
        {
          id: 'w',
          target: of.tag,
          value,
          decision: 'd',
          release: 'r',
          gate: 'g',
          notAfterMs: Date.now() + 3_500,
        },
        reader.state.epoch,
        Buffer.from('k'),
      ),
      of,
    );
  return { broker, link, reader, write };
}

describe('plain JSON topics', () => {
  it('several tags of one topic, each by its pointer; time and quality of the document; one subscription a topic', async () => {
    const { broker, reader } = await start();
    broker.say(
      'cell/a',
      '{"speed":3,"nested":[{"count":"18446744073709551615"}],"set":4,"q":"uncertain","t":"2026-01-02T03:04:05Z"}',
    );
    broker.say('cell/b', 'true');
    await reader.sample('bare', ({ quality }) => quality === 'good');
    const at = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(reader.samples('speed').at(-1)).toMatchObject({
      value: 3,
      quality: 'uncertain',
      status: 'uncertain',
      atMs: at,
      timeFrom: 'source',
    });
    expect(reader.samples('count').at(-1)?.value).toBe(18446744073709551615n);
    expect(reader.samples('set').at(-1)?.value).toBe(9);
    expect(reader.samples('bare').at(-1)).toMatchObject({ value: true, timeFrom: 'edge', status: 'no time' });
    expect(reader.samples('wrong').at(-1)).toMatchObject({
      quality: 'bad',
      status: 'address: write topic#/pointer',
    });
    const subscribed = broker.seen.flatMap(({ packet }) =>
      packet.cmd === 'subscribe' ? packet.subscriptions : [],
    );
    expect(subscribed.map(({ topic, qos }) => [topic, qos])).toEqual([
      ['cell/a', 1],
      ['cell/b', 1],
    ]);
  });

  it('bad JSON, a missing place, a wrong type and a value outside its range are bad samples that say so', async () => {
    const { broker, reader } = await start();
    const told = async (payload: string, name = 'speed') => {
      const before = reader.samples(name).length;
      broker.say('cell/a', payload);
      await eventually(() => reader.samples(name).length > before);
      return reader.samples(name).at(-1);
    };
    expect(await told('{"speed":')).toMatchObject({
      quality: 'bad',
      value: null,
      status: expect.stringMatching(/^not JSON/),
    });
    expect(await told('{}')).toMatchObject({ quality: 'bad', status: 'nothing at /speed' });
    expect(await told('{"speed":"fast"}')).toMatchObject({
      quality: 'bad',
      status: 'not a value of type double',
    });
    expect(await told('{"speed":null}')).toMatchObject({ quality: 'bad', status: 'null' });
    expect(await told('{"speed":11}')).toMatchObject({
      quality: 'uncertain',
      value: 11,
      status: 'outside its range',
    });
    expect(await told('{"speed":1,"q":false}')).toMatchObject({ quality: 'bad', value: 1 });
    expect(await told('{"speed":1,"q":192}')).toMatchObject({ quality: 'good', value: 1 });
    expect(await told('{"__proto__":{"speed":1}}')).toMatchObject({
      quality: 'bad',
      status: 'nothing at /speed',
    });
    expect(await told('{"speed":1}')).toMatchObject({ value: 1 });
    broker.say('cell/a', '{"speed":1.4}');
    expect(await told('{"speed":1.6}')).toMatchObject({ value: 1.6 });
    expect(reader.samples('speed').map(({ value }) => value)).not.toContain(1.4);
  });

  it('a write goes to the command topic once, with QoS 1 and an expiry, and is done when the topic of the tag shows it', async () => {
    const { broker, write } = await start();
    const receipt = write(5);
    const [sent] = await eventually(
      () => broker.published('cell/a/set').length === 1 && broker.published('cell/a/set'),
    );
    expect(sent).toMatchObject({ qos: 1, retain: false, properties: { messageExpiryInterval: 3 } });
    expect(JSON.parse(String(sent?.payload))).toEqual({ to: { value: 2 } });
    broker.say('cell/a', '{"set":2}', { retain: true });
    broker.say('cell/a', '{"set":1}');
    broker.say('cell/a', '{"set":2}');
    expect(await receipt).toMatchObject({ id: 'w', outcome: 'done', readBack: { value: 5 } });
  });

  it('what the broker acknowledged and the equipment did not show is unknown; what the broker refused, refused', async () => {
    const { broker, write, reader } = await start();
    expect(await write(5)).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('did not show the value'),
    });
    broker.pubackReason = 16;
    expect(await write(5)).toMatchObject({
      outcome: 'refused',
      status: expect.stringContaining('no matching subscribers'),
    });
    expect(broker.published('cell/a/set')).toHaveLength(2);
    broker.pubackReason = 0;
    const lost = write(5);
    await eventually(() => broker.published('cell/a/set').length === 3);
    broker.cut();
    await reader.until('up');
    expect(await lost).toMatchObject({ outcome: 'unknown' });
    expect(broker.published('cell/a/set')).toHaveLength(3);
  });

  it('a tag that nothing could confirm is not written at all', async () => {
    const { broker, write } = await start({ commands: [] });
    expect(await write(5)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('nothing could confirm it'),
    });
    expect(broker.published()).toEqual([]);
    await expect(start({ commands: [{ address: set.address, topic: 'cell/a' }] })).rejects.toThrow(
      'cannot confirm itself',
    );
    await expect(start({ sessionExpirySeconds: 60 })).rejects.toThrow('needs a name that stays');
  });

  it('reads the last document of a topic, and waits for a first one', async () => {
    const { broker, link } = await start();
    const other = tag({ tag: 'other', address: 'cell/c#/x', type: 'int8' });
    const reading = link.read([other, bare, wrong]);
    await eventually(() => broker.flow().includes('subscribe cell/c'));
    broker.say('cell/c', '{"x":-4}', { retain: true });
    const [first, second, third] = await reading;
    expect(first).toMatchObject({ tag: 'other', value: -4, quality: 'good' });
    expect(second).toMatchObject({ quality: 'bad', status: 'nothing was published yet' });
    expect(third).toMatchObject({ quality: 'bad' });
  });
});

describe('addresses and values in JSON', () => {
  it('points by RFC 6901, and builds what it points to', () => {
    const document = { 'a/b': { '~': [1, { '': 2 }] } };
    expect(pointTo(document, '/a~1b/~0/1/')).toBe(2);
    expect(pointTo(document, '')).toBe(document);
    for (const pointer of ['/a~1b/~0/01', '/a~1b/~0/length', '/constructor', '/x'])
      expect(pointTo(document, pointer)).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), fc.integer(), (keys, value) => {
        const pointer = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
        expect(pointTo(documentWith(pointer, value), pointer)).toBe(value);
      }),
      { seed: 20261124 },
    );
    expect(parseJsonAddress('a/b#/c')).toEqual({ topic: 'a/b', pointer: '/c' });
    for (const address of ['', '#/a', 'a/+#/b', 'a#b', 'a#/~2'])
      expect(parseJsonAddress(address)).toBeUndefined();
  });

  it('a value that is written reads back as it was, for every type', () => {
    const examples: Record<(typeof SCALAR_TYPES)[number], Value> = {
      ...{
        bool: true,
        int8: -128,
        uint8: 255,
        int16: -32_768,
        uint16: 65_535,
        int32: -(2 ** 31),
        uint32: 2 ** 32 - 1,
      },
      ...{ int64: -(2n ** 63n), uint64: 2n ** 64n - 1n, float: 0.5, double: 1e-300, string: 'ß' },
      ...{ datetime: 1_700_000_000_123, bytes: Uint8Array.of(0, 255) },
    };
    for (const type of SCALAR_TYPES) {
      const one = tag({ tag: 'x', address: 'x', type });
      const value = examples[type] as Exclude<Value, null | readonly unknown[]>;
      const raw = toRaw(value as never, one);
      const document = JSON.parse(JSON.stringify(toJson(raw as never, one)));
      const sample = sampleOf(one, '', document, { nowMs: 0 });
      expect([type, sample.quality, sameValue(sample.value, value as Value)]).toEqual([type, 'good', true]);
    }
  });

  it('what does not fit without a loss is no value', () => {
    const of = (type: (typeof SCALAR_TYPES)[number], more = {}) =>
      tag({ tag: 'x', address: 'x', type, ...more });
    for (const [type, raw] of [
      ['int8', 128],
      ['uint8', -1],
      ['int32', 0.5],
      ['bool', 1],
      ['string', 1],
      ['double', '1'],
      ['double', 2n ** 53n + 1n],
      ['uint64', -1],
    ] as const)
      expect([type, fromRaw(raw, of(type))]).toEqual([type, undefined]);
    expect(fromRaw([1, 2], of('int8'))).toBeUndefined();
    expect(fromRaw([1, 300], of('int8', { array: true }))).toBeUndefined();
    expect(fromRaw(1, of('int8', { array: true }))).toBeUndefined();
    expect(fromRaw(300, of('int8', { scale: 0.1 }))).toBeUndefined();
  });

  it('a bounded value that the peer could only be told as an endless one is no value', () => {
    const of = (type: Tag['type'], more: Partial<Tag> = {}): Tag => ({
      ...tagSchema.parse({ tag: 't', address: 'a', type, access: 'rw' }),
      ...more,
    });
    expect(toRaw(100, of('float', { scale: 1e-38 }))).toBeUndefined();
    expect(toRaw(5, of('double', { scale: 0 }))).toBeUndefined();
    expect(toRaw(1e39, of('float'))).toBeUndefined();
    expect(toRaw(Number.NaN, of('double'))).toBeUndefined();
    expect(toRaw(700, of('uint16', { scale: 0.01 }))).toBeUndefined();
    expect(fromRaw(1e39, of('float'))).toBeUndefined();
    expect(toRaw(5, of('float', { scale: 0.5 }))).toBe(10);
  });

  it('scaled values are doubles that say the tenth they mean, both ways', () => {
    const tenths = tag({ tag: 'x', address: 'x', type: 'int16', scale: 0.1, offset: -40 });
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (raw) => {
        const value = fromRaw(raw, tenths);
        expect([value, toRaw(value as number, tenths)]).toEqual([raw / 10 - 40, raw]);
      }),
      { seed: 20261124, numRuns: 1_000 },
    );
    expect(toRaw(-39.95, tenths)).toBeUndefined();
    expect(toRaw(5_000, tenths)).toBeUndefined();
    expect(sampleOf(tenths, '', 400, { nowMs: 0 })).toMatchObject({ value: 0, type: 'double' });
  });
});

describe('telling others', () => {
  it('goes to names of the unified namespace with QoS 1, and is done when the broker has all of it', async () => {
    const { broker, link } = await start({ root: 'uns' });
    const telling = (id: string, historical: boolean) => ({
      ...{ id, atMs: 1, historical, path: ['A/B', 'plant', 'main', 'l1', 'c1', '_selvedge_v1', 'decided'] },
      body: { id },
    });
    // Nobody listens: the broker has it all the same.
    broker.pubackReason = 16;
    await link.publish?.([telling('a', false), telling('b', true)]);
    const told = broker.seen.flatMap(({ packet }) =>
      packet.cmd === 'publish' && packet.topic.startsWith('uns/') ? [packet] : [],
    );
    expect(told.map(({ qos }) => qos)).toEqual([1, 1]);
    expect(told.map(({ topic, payload }) => [topic, JSON.parse(String(payload))])).toEqual([
      ['uns/v1/A%2FB/plant/main/l1/c1/_selvedge_v1/decided', { id: 'a' }],
      ['uns/v1/A%2FB/plant/main/l1/c1/_selvedge_v1/decided', { id: 'b', historical: true }],
    ]);
    broker.pubackReason = 135;
    await expect(link.publish?.([telling('c', false)])).rejects.toThrow('uns/v1/');
    broker.stop();
    await expect(link.publish?.([telling('d', false)])).rejects.toThrow();
  });
});
