import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  eventually,
  HASTE,
  type IPublishPacket,
  RecordingBroker,
  testContext,
  testFolder,
} from '../../test/mqtt-kit.js';
import { brokerSchema } from '../mqtt/broker-config.js';
import { type EdgeOptions, SparkplugEdge } from './edge.js';
import { memoryOutbox } from './outbox.js';
import { decodePayload, encodePayload, type MetricOut, metricValue } from './payload.js';
import { formatState } from './topics.js';

const TOPIC = (verb: string, device = '') => `spBv1.0/G/${verb}/E${device && `/${device}`}`;
const DEVICES = [
  {
    id: 'D1',
    metrics: [
      { name: 'speed', datatype: 'Float', value: 1.5, unit: 'mm/s', range: [0, 9] },
      { name: 'target', datatype: 'Int32', value: -3, writable: true },
    ],
  },
  { id: 'D2', metrics: [{ name: 'count', datatype: 'UInt64' }] },
] as const;

async function start(
  given: Partial<Omit<EdgeOptions, 'broker'>> & {
    broker?: RecordingBroker;
    more?: object;
    folder?: string;
  } = {},
) {
  const { broker = await RecordingBroker.start(), more, folder = testFolder(), ...rest } = given;
  const context = testContext({ folder });
  const edge = new SparkplugEdge({
    ...{
      context,
      group: 'G',
      edge: 'E',
      devices: DEVICES,
      metrics: [{ name: 'uptime', datatype: 'Int64', value: 7n }],
    },
    ...rest,
    broker: brokerSchema.parse({ ...HASTE, urls: [broker.url], ...more }),
  });
  onTestFinished(() => edge.close());
  edge.start();
  return { broker, edge, context, folder };
}

const read = (packet: IPublishPacket | undefined) => decodePayload(packet?.payload as Buffer);
const named = (packet: IPublishPacket | undefined) =>
  Object.fromEntries(read(packet).metrics.map((one) => [one.name, one]));
const sequences = (broker: RecordingBroker) =>
  broker
    .published()
    .filter((one) => !one.topic.includes('NDEATH'))
    .map((one) => read(one).seq);
const command = (metric: Partial<MetricOut> & Pick<MetricOut, 'datatype' | 'value'>) =>
  encodePayload({ atMs: Date.now(), metrics: [{ withType: false, ...metric }] });
const rebirth = command({ name: 'Node Control/Rebirth', datatype: 'Boolean', value: true });
const willOf = (broker: RecordingBroker, i: number) => {
  const [metric] = decodePayload(broker.connects[i]?.will?.payload as Buffer).metrics;
  return metric && metricValue(metric);
};

describe('an edge node', () => {
  it('tck-id-payloads-ndeath-will-message, -qos, -retain, tck-id-topics-ndeath-payload, -seq, tck-id-principles-persistence-clean-session-50: its CONNECT', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born);
    const { will, clean, properties } = broker.connects[0] ?? {};
    expect(will).toMatchObject({ topic: TOPIC('NDEATH'), qos: 1, retain: false });
    expect([clean, properties?.sessionExpiryInterval]).toEqual([true, 0]);
    const death = decodePayload(will?.payload as Buffer);
    expect(death).not.toHaveProperty('seq');
    expect(death.metrics.map(({ name, datatype }) => [name, datatype])).toEqual([['bdSeq', 'Int64']]);
  });

  it('tck-id-principles-persistence-clean-session-311: the same for a broker of MQTT 3.1.1', async () => {
    const { broker, edge } = await start({ more: { version: 4 } });
    await eventually(() => edge.born);
    expect(broker.connects[0]).toMatchObject({ protocolVersion: 4, clean: true });
  });

  it('tck-id-message-flow-edge-node-ncmd-subscribe, tck-id-message-flow-device-dcmd-subscribe, tck-id-principles-birth-certificates-order: subscribes with QoS 1, then births', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born && broker.published().length === 3);
    expect(broker.flow()).toEqual([
      'connect',
      'subscribe spBv1.0/G/NCMD/E spBv1.0/G/DCMD/E/+',
      `publish ${TOPIC('NBIRTH')}`,
      `publish ${TOPIC('DBIRTH', 'D1')}`,
      `publish ${TOPIC('DBIRTH', 'D2')}`,
    ]);
    const subscribed = broker.seen.find(({ packet }) => packet.cmd === 'subscribe')?.packet;
    expect(subscribed).toMatchObject({ subscriptions: [{ qos: 1 }, { qos: 1 }] });
  });

  it('tck-id-topics-nbirth-mqtt, -seq-num, -timestamp, -bdseq-included, -bdseq-matching, -rebirth-metric, tck-id-operational-behavior-data-commands-rebirth-name-aliases', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born && broker.published().length === 3);
    const [nbirth] = broker.published(TOPIC('NBIRTH'));
    expect(nbirth).toMatchObject({ qos: 0, retain: false });
    const payload = read(nbirth);
    expect(payload.seq).toBe(0);
    expect(Math.abs((payload.atMs ?? 0) - Date.now())).toBeLessThan(5_000);
    const { bdSeq, uptime, 'Node Control/Rebirth': control } = named(nbirth);
    expect(bdSeq?.datatype).toBe('Int64');
    expect(bdSeq && metricValue(bdSeq)).toBe(willOf(broker, 0));
    expect(control).toMatchObject({ datatype: 'Boolean' });
    expect(control && metricValue(control)).toBe(false);
    expect(control).not.toHaveProperty('alias');
    expect(uptime).toMatchObject({ datatype: 'Int64' });
  });

  it('tck-id-topics-dbirth-mqtt, -metrics, -metric-reqs, tck-id-payloads-dbirth-seq-inc, tck-id-payloads-alias-uniqueness, -birth-requirement, tck-id-operational-behavior-data-publish-dbirth-values', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born && broker.published().length === 3);
    const [dbirth] = broker.published(TOPIC('DBIRTH', 'D1'));
    expect(dbirth).toMatchObject({ qos: 0, retain: false });
    const { speed, target } = named(dbirth);
    expect(speed).toMatchObject({
      ...{ datatype: 'Float', alias: expect.any(BigInt), atMs: expect.any(Number) },
      properties: { engUnit: { value: 'mm/s' }, engLow: { value: 0 }, engHigh: { value: 9 } },
    });
    expect(target && metricValue(target)).toBe(-3);
    const { count } = named(broker.published(TOPIC('DBIRTH', 'D2'))[0]);
    expect(count).toMatchObject({ isNull: true, datatype: 'UInt64' });
    expect(count).not.toHaveProperty('wire');
    const aliases = broker
      .published()
      .flatMap((one) => read(one).metrics.flatMap(({ alias }) => alias ?? []));
    expect(new Set(aliases).size).toBe(4);
    expect(sequences(broker)).toEqual([0, 1, 2]);
  });

  it('tck-id-payloads-sequence-num-incrementing, tck-id-payloads-ddata-seq-inc: 0 to 255 and 0 again', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born);
    for (let i = 0; i < 300; i += 1) edge.publish('D1', [{ name: 'speed', value: i }]);
    await eventually(() => broker.published().length === 303);
    expect(sequences(broker)).toEqual(Array.from({ length: 303 }, (_, i) => i % 256));
  });

  it('tck-id-payloads-alias-data-cmd-requirement, tck-id-payloads-metric-datatype-not-req, tck-id-topics-ddata-mqtt, tck-id-operational-behavior-data-publish-dbirth-order', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born);
    edge.publish('D1', [
      { name: 'speed', value: 3, atMs: 2_000, quality: 'bad' },
      { name: 'target', value: 4, atMs: 1_000 },
    ]);
    const [data] = await eventually(
      () => broker.published(TOPIC('DDATA', 'D1')).length === 1 && broker.published(TOPIC('DDATA', 'D1')),
    );
    expect(data).toMatchObject({ qos: 0, retain: false });
    const { metrics } = read(data);
    expect(metrics.map(({ atMs }) => atMs)).toEqual([1_000, 2_000]);
    for (const metric of metrics) {
      expect(metric).not.toHaveProperty('name');
      expect(metric).not.toHaveProperty('datatype');
      expect(metric.alias).toBeTypeOf('bigint');
    }
    expect(metrics[1]?.properties).toEqual({ Quality: { datatype: 'Int32', value: 0 } });
    edge.publish(null, [{ name: 'uptime', value: 8n }]);
    await eventually(() => broker.published(TOPIC('NDATA')).length === 1);
  });

  it('tck-id-topics-nbirth-bdseq-increment: from 0, one more for each CONNECT, also after a restart of the process, and 0 after 255', async () => {
    const { broker, edge, folder } = await start();
    await eventually(() => edge.born);
    broker.cut();
    await eventually(() => broker.connects.length === 2);
    await edge.close();
    const second = await start({ folder });
    await eventually(() => second.edge.born);
    expect([willOf(broker, 0), willOf(broker, 1), willOf(second.broker, 0)]).toEqual([0n, 1n, 2n]);
    await second.edge.close();
    writeFileSync(join(folder, 'bd-seq'), '255\n');
    const third = await start({ folder });
    await eventually(() => third.edge.born);
    expect(willOf(third.broker, 0)).toBe(255n);
    expect(readFileSync(join(folder, 'bd-seq'), 'utf8')).toBe('0\n');
    await third.edge.close();
    writeFileSync(join(folder, 'bd-seq'), 'nonsense');
    const fourth = await start({ folder });
    await eventually(() => fourth.edge.born);
    expect(willOf(fourth.broker, 0)).toBe(0n);
  });

  it('tck-id-operational-behavior-data-commands-rebirth-action-1, -2, -3: a whole birth with the same bdSeq, no data between', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born && broker.published().length === 3);
    broker.say(TOPIC('NCMD'), rebirth, { qos: 1, messageId: 1 });
    const timer = setInterval(() => edge.publish('D1', [{ name: 'speed', value: 1 }]), 1);
    onTestFinished(() => clearInterval(timer));
    await eventually(
      () =>
        broker.published(TOPIC('NBIRTH')).length === 2 &&
        broker.published(TOPIC('DBIRTH', 'D2')).length === 2,
    );
    const topics = broker.published().map(({ topic }) => topic);
    const again = topics.lastIndexOf(TOPIC('NBIRTH'));
    expect(topics.slice(again, again + 3)).toEqual([
      TOPIC('NBIRTH'),
      TOPIC('DBIRTH', 'D1'),
      TOPIC('DBIRTH', 'D2'),
    ]);
    const numbers = broker.published(TOPIC('NBIRTH')).map((one) => {
      const { bdSeq } = named(one);
      return [read(one).seq, bdSeq && metricValue(bdSeq)];
    });
    expect(numbers).toEqual([
      [0, 0n],
      [0, 0n],
    ]);
    expect(broker.connects).toHaveLength(1);
  });

  it('tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath, -packet, tck-id-payloads-ndeath-will-message-publisher-disconnect-mqtt50', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born);
    await edge.close();
    await eventually(() => broker.flow().at(-1) === 'disconnect');
    expect(broker.flow().at(-2)).toBe(`publish ${TOPIC('NDEATH')}`);
    expect(broker.seen.at(-1)?.packet).toMatchObject({ reasonCode: 4 });
    const [bdSeq] = read(broker.published(TOPIC('NDEATH'))[0]).metrics;
    expect(bdSeq && metricValue(bdSeq)).toBe(willOf(broker, 0));
    expect(edge.publish('D1', [{ name: 'speed', value: 1 }])).toBe('kept');
  });

  it('tck-id-operational-behavior-device-ddeath, tck-id-payloads-ddeath-seq-inc, -timestamp: a device goes and comes back', async () => {
    const { broker, edge } = await start();
    await eventually(() => edge.born && broker.published().length === 3);
    edge.setDevice('D1', false);
    expect(edge.publish('D1', [{ name: 'speed', value: 9 }])).toBe('kept');
    edge.setDevice('D1', true);
    await eventually(() => broker.published().length === 5);
    expect(
      broker
        .published()
        .map(({ topic }) => topic)
        .slice(3),
    ).toEqual([TOPIC('DDEATH', 'D1'), TOPIC('DBIRTH', 'D1')]);
    expect(read(broker.published(TOPIC('DDEATH', 'D1'))[0])).toMatchObject({
      seq: 3,
      atMs: expect.any(Number),
    });
    const { speed } = named(broker.published(TOPIC('DBIRTH', 'D1'))[1]);
    expect(speed && metricValue(speed)).toBe(9);
  });

  it('a command to a writable metric is obeyed and reported; of another type, of another metric, or unreadable is not', async () => {
    const asked: unknown[] = [];
    const onCommand = ({ value, ...about }: { value: unknown }) => {
      asked.push({ ...about, value });
      return value === 99 ? undefined : (value as number);
    };
    const { broker, edge, context } = await start({ onCommand });
    await eventually(() => edge.born && broker.published().length === 3);
    const alias = named(broker.published(TOPIC('DBIRTH', 'D1'))[0]).target?.alias as bigint;
    const say = (payload: Buffer) => broker.say(TOPIC('DCMD', 'D1'), payload, { qos: 1, messageId: 5 });
    say(command({ alias, datatype: 'Int32', value: -42 }));
    say(command({ name: 'target', datatype: 'Int32', value: 99 }));
    say(command({ name: 'target', datatype: 'String', value: 'fast' }));
    say(command({ name: 'speed', datatype: 'Float', value: 1 }));
    say(command({ name: 'nothing', datatype: 'Int32', value: 1 }));
    say(Buffer.from('not a payload'));
    await eventually(() => context.logs.length >= 4 && broker.published(TOPIC('DDATA', 'D1')).length > 0);
    expect(asked).toEqual([
      { device: 'D1', name: 'target', value: -42 },
      { device: 'D1', name: 'target', value: 99 },
    ]);
    const reported = broker.published(TOPIC('DDATA', 'D1')).flatMap((one) => read(one).metrics);
    expect(reported.map((one) => [one.alias, metricValue(one, 'Int32')])).toEqual([[alias, -42]]);
  });

  it('historical flush: what could not be sent follows after the births, oldest first, by the aliases of this birth', async () => {
    const { broker, edge } = await start({ outbox: memoryOutbox(300) });
    await eventually(() => edge.born);
    broker.cut();
    await eventually(() => !edge.born);
    for (let i = 0; i < 305; i += 1) edge.publish('D1', [{ name: 'speed', value: i, atMs: 1_000 + i }]);
    await eventually(() => edge.born);
    edge.publish('D1', [{ name: 'speed', value: 1_000 }]);
    await eventually(() => broker.published(TOPIC('DDATA', 'D1')).length === 3);
    const kept = broker
      .published(TOPIC('DDATA', 'D1'))
      .slice(0, 2)
      .flatMap((one) => read(one).metrics);
    expect(kept.every(({ historical }) => historical)).toBe(true);
    expect(kept.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 300 }, (_, i) => 1_005 + i));
    expect(read(broker.published(TOPIC('DDATA', 'D1'))[2]).metrics[0]?.historical).toBe(false);
    const topics = broker.published().map(({ topic }) => topic);
    expect(topics.indexOf(TOPIC('DDATA', 'D1'))).toBeGreaterThan(topics.lastIndexOf(TOPIC('DBIRTH', 'D2')));
  });

  it('refuses what cannot be Sparkplug, before it connects', async () => {
    await expect(start({ edge: 'a/b' })).rejects.toThrow('cannot be an id');
    await expect(start({ devices: [DEVICES[0], DEVICES[0]] })).rejects.toThrow('there twice');
    await expect(start({ metrics: [{ name: 'x', datatype: 'Int8', value: 500 }] })).rejects.toThrow('Int8');
    const { edge } = await start();
    expect(() => edge.publish('D1', [{ name: 'nothing', value: 1 }])).toThrow('no metric «nothing»');
    expect(() => edge.publish('D9', [])).toThrow('no device «D9»');
  });
});

describe('an edge node that waits for its primary host', () => {
  const STATE = 'spBv1.0/STATE/H';
  const state = (online: boolean, atMs: number) => formatState({ online, atMs });
  const subscribed = (broker: RecordingBroker) =>
    eventually(() => broker.flow().includes(`subscribe ${STATE}`));

  it('tck-id-message-flow-edge-node-birth-publish-phid-wait, -wait-id, -wait-online: no birth before the right host is online', async () => {
    const { broker, edge } = await start({ primaryHost: 'H' });
    await subscribed(broker);
    broker.say('spBv1.0/STATE/other', state(true, 1_000));
    broker.say(STATE, state(false, 1_000));
    broker.say(STATE, 'ONLINE');
    broker.say(TOPIC('NCMD'), rebirth);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect([edge.born, broker.published().length, broker.connects.length]).toEqual([false, 0, 1]);
    broker.say(STATE, state(true, 1_000));
    await eventually(() => edge.born);
  });

  it('tck-id-operational-behavior-edge-node-termination-host-offline, tck-id-message-flow-edge-node-birth-publish-phid-offline: it dies with its host', async () => {
    const { broker, edge } = await start({ primaryHost: 'H' });
    await subscribed(broker);
    broker.say(STATE, state(true, 1_000));
    await eventually(() => edge.born);
    broker.say(STATE, state(false, 1_000));
    await eventually(() => broker.connects.length === 2);
    expect(broker.published(TOPIC('NDEATH'))).toHaveLength(1);
    expect(edge.born).toBe(false);
  });

  it('tck-id-operational-behavior-edge-node-termination-host-offline-timestamp, tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp: an older STATE counts for nothing', async () => {
    const { broker, edge } = await start({ primaryHost: 'H' });
    await subscribed(broker);
    broker.say(STATE, state(true, 5_000));
    await eventually(() => edge.born);
    broker.say(STATE, state(false, 4_999));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect([edge.born, broker.connects.length]).toEqual([true, 1]);
    broker.cut();
    await eventually(
      () =>
        broker.connects.length === 2 &&
        broker.flow().filter((one) => one === `subscribe ${STATE}`).length === 2,
    );
    broker.say(STATE, state(true, 4_999));
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(edge.born).toBe(false);
    broker.say(STATE, state(true, 5_000));
    await eventually(() => edge.born);
  });

  it('tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk, tck-id-operational-behavior-edge-node-termination-host-offline-reconnect: with several brokers it goes where its host is', async () => {
    const [first, second] = [await RecordingBroker.start(), await RecordingBroker.start()];
    const { edge } = await start({
      primaryHost: 'H',
      broker: first,
      more: { urls: [first.url, second.url] },
    });
    await subscribed(first);
    first.say(STATE, state(false, 1_000));
    await subscribed(second);
    expect(first.published()).toEqual([]);
    second.say(STATE, state(true, 500));
    await eventually(() => edge.born);
  });
});
