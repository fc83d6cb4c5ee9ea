import { describe, expect, it, onTestFinished } from 'vitest';
import {
  BROKERS,
  type BrokerKind,
  eventually,
  HASTE,
  Reader,
  tag,
  testContext,
  testFolder,
} from '../../test/mqtt-kit.js';
import type { Command } from '../contract/command.js';
import type { Tag } from '../contract/tag.js';
import { arm } from '../guard/armed.js';
import type { Broker } from '../mqtt/broker.js';
import { sparkplugHost } from './host-connector.js';
import { type StartEdgeOptions, startSparkplugEdge } from './start-edge.js';

const key = Buffer.from('a test key');
const speed = tag({ tag: 'speed', address: 'plant/line/cell/speed', type: 'float', range: [0, 100] });
const target = tag({
  tag: 'target',
  address: 'plant/line/cell/set/target',
  type: 'int32',
  access: 'rw',
  scale: 0.5,
});
const list = tag({ tag: 'list', address: 'plant/line/cell/list', type: 'double', array: true });
const serial = tag({ tag: 'serial', address: 'plant/line//serial', type: 'string' });
const wide = tag({ tag: 'wide', address: 'plant/line/cell/wide', type: 'int64' });
const missing = tag({ tag: 'missing', address: 'plant/line/cell/nothing', type: 'float' });
const nowhere = tag({ tag: 'nowhere', address: 'plant/line', type: 'float' });
const tags = [speed, target, list, serial, wide, missing, nowhere];

async function line(
  kind: BrokerKind,
  given: Partial<StartEdgeOptions> & { edgeFirst?: boolean; more?: object } = {},
) {
  const { edgeFirst = false, more, ...rest } = given;
  const broker = await kind.start();
  const folder = testFolder();
  const settings = (one: Broker) => ({
    ...HASTE,
    urls: [one.url],
    version: one.version,
    keepAliveSeconds: 1,
  });
  const startEdge = (again: Partial<StartEdgeOptions> = {}) => {
    const edge = startSparkplugEdge({
      ...{ broker: settings(broker), group: 'plant', edge: 'line', folder },
      metrics: [{ name: 'serial', datatype: 'String', value: 'A-1' }],
      devices: [
        {
          id: 'cell',
          metrics: [
            { name: 'speed', datatype: 'Float', value: 1.5, unit: 'mm/s', range: [0, 100] },
            { name: 'set/target', datatype: 'Int32', value: -8, writable: true },
            { name: 'list', datatype: 'DoubleArray', value: [1, -2.5] },
            { name: 'wide', datatype: 'Int64', value: -(2n ** 60n) },
          ],
        },
      ],
      ...rest,
      ...again,
    });
    onTestFinished(() => edge.close());
    return edge;
  };
  const early = edgeFirst ? startEdge() : null;
  if (early) await eventually(() => early.born);
  const context = testContext();
  const config = sparkplugHost.manifest.config.parse({
    ...{ hostId: 'H', groups: ['plant'], broker: settings(broker), confirmMs: 400 },
    ...{ reorderMs: 200, firstRebirthMs: 200, longestRebirthMs: 1_000, ...more },
  });
  const link = await sparkplugHost.open(config, context);
  const reader = new Reader(link, tags);
  const edge = early ?? startEdge();
  const write = (
    value: Command['value'],
    of: Tag = target,
    changes: Partial<Command> & { epoch?: string } = {},
  ) => {
    const { epoch = reader.state.epoch, ...command } = changes;
    const whole: Command = {
      ...{
        id: 'w1',
        target: of.tag,
        value,
        decision: 'd',
        release: 'r',
        gate: 'g',
        notAfterMs: Date.now() + 2_000,
      },
      ...command,
    };
    return link.write?.(arm(whole, epoch, key), of);
  };
  return { broker, edge, startEdge, link, reader, context, write };
}

describe.each(BROKERS)('sparkplug over $name', (kind) => {
  const test = it.skipIf(!kind.here);

  test('births make an epoch; every tag is told, a bad one does not take others along', async () => {
    const { reader } = await line(kind);
    await reader.until('up');
    for (const one of tags) await reader.sample(one.tag, () => true);
    const last = (name: string) => reader.samples(name).at(-1);
    expect(last('speed')).toMatchObject({ value: 1.5, quality: 'good', timeFrom: 'source', type: 'float' });
    expect(last('target')).toMatchObject({ value: -4, quality: 'good' });
    expect(last('list')).toMatchObject({ value: [1, -2.5], quality: 'good' });
    expect(last('serial')).toMatchObject({ value: 'A-1', quality: 'good' });
    expect(last('wide')).toMatchObject({ value: -(2n ** 60n), quality: 'good' });
    expect(last('missing')).toMatchObject({
      value: null,
      quality: 'bad',
      status: 'no such metric in its birth',
    });
    expect(last('nowhere')).toMatchObject({
      quality: 'bad',
      status: 'address: write group/edge/device/metric',
    });
  });

  test('an edge node that was born before the host is asked for a birth, and read', async () => {
    const { reader, link, edge } = await line(kind, { edgeFirst: true });
    await reader.until('up');
    await reader.sample('speed', ({ quality }) => quality === 'good');
    edge.publish('cell', [{ name: 'speed', value: 200, atMs: 5 }]);
    await reader.sample('speed', ({ value, atMs }) => value === 200 && atMs === 5);
    const [read, bad] = await link.read([speed, missing]);
    expect(read).toMatchObject({ value: 200, quality: 'uncertain', status: 'outside its range', atMs: 5 });
    expect(bad).toMatchObject({ quality: 'bad', value: null });
    expect(await link.probe()).toMatchObject({ ok: true, tookMs: expect.any(Number) });
    const browse = async (from: string) => {
      const found: string[] = [];
      for await (const { address } of link.browse?.(from, 3) ?? []) found.push(address);
      return found;
    };
    expect(await browse('')).toEqual(['plant/line']);
    expect(await browse('plant/line')).toEqual([
      'plant/line/cell',
      'plant/line//bdSeq',
      'plant/line//Node Control/Rebirth',
    ]);
    expect(await browse('plant/line/cell')).toEqual([speed, target, list].map(({ address }) => address));
  });

  test('a write is done when the metric is reported with the value, unknown when it is not, refused when it was not sent', async () => {
    const asked: unknown[] = [];
    const { reader, write } = await line(kind, {
      onCommand: ({ value }) => {
        asked.push(value);
        return value === 40 ? undefined : value;
      },
    });
    await reader.until('up');
    await reader.sample('target', ({ quality }) => quality === 'good');
    expect(await write(3)).toMatchObject({
      id: 'w1',
      outcome: 'done',
      readBack: { value: 3, quality: 'good' },
    });
    expect(await write(20)).toMatchObject({ outcome: 'unknown' });
    const refusals = [
      await write(3, target, { epoch: 'another' }),
      await write(3, target, { notAfterMs: Date.now() - 1 }),
      await write(0.3),
      await write('fast'),
      await write(1, speed),
      await write(3, { ...target, range: [0, 2] }),
    ];
    expect(refusals.map((one) => one?.outcome)).toEqual(Array(6).fill('refused'));
    expect(asked).toEqual([6, 40]);
  });

  test('an edge node that stops says so: stale at once, and a new epoch when it is back', async () => {
    const { reader, edge, startEdge, write } = await line(kind);
    await reader.until('up');
    await reader.sample('speed', ({ quality }) => quality === 'good');
    const { epoch } = reader.state;
    await edge.close();
    await reader.sample('speed', ({ status }) => status === 'STALE: NDEATH');
    await reader.until('down');
    expect(await write(3)).toMatchObject({ outcome: 'refused' });
    const before = reader.samples('speed').length;
    startEdge();
    await eventually(() =>
      reader
        .samples('speed')
        .slice(before)
        .some(({ quality }) => quality === 'good'),
    );
    await reader.until('up');
    expect(await write(3, target, { epoch })).toMatchObject({
      outcome: 'refused',
      why: 'armed under another epoch',
    });
  });

  test('the broker is killed and restarted: stale, then births anew; what the edge node could not send comes as historical', async () => {
    const { broker, edge, reader } = await line(kind);
    await reader.until('up');
    await reader.sample('speed', ({ quality }) => quality === 'good');
    const { epoch } = reader.state;
    await broker.stop('kill');
    await reader.until('down');
    await reader.sample('speed', ({ quality }) => quality === 'bad');
    await eventually(() => !edge.born);
    for (let i = 0; i < 5; i += 1) edge.publish('cell', [{ name: 'speed', value: 50 + i, atMs: 1_000 + i }]);
    await kind.start(broker.port);
    await reader.sample(
      'speed',
      (one) => one.quality === 'good' && one.value === 54 && one.epoch !== epoch,
      10_000,
    );
    await reader.until('up', 10_000);
    // The host may have come after the flush: then a birth is asked for and only the present value is told.
    const old = reader.samples('speed').filter(({ historical }) => historical);
    expect(old.map(({ atMs }) => atMs)).toEqual(old.map((_, i) => 1_000 + i));
  });
});

describe('sparkplug', () => {
  it('two edge nodes of one name drive each other out; the host survives, and the last one counts', async () => {
    const kind = BROKERS[0] as BrokerKind;
    const { reader, edge, startEdge } = await line(kind);
    await reader.until('up');
    const second = startEdge({ folder: testFolder() });
    await eventually(() => second.born);
    await eventually(() => reader.states.length > 2);
    await edge.close();
    await eventually(() => second.born);
    second.publish('cell', [{ name: 'speed', value: 77 }]);
    await reader.sample('speed', ({ value, quality }) => value === 77 && quality === 'good', 10_000);
  });
});
