import { describe, expect, it } from 'vitest';
import { eventually, HASTE, Reader, RecordingBroker, tag, testContext } from '../../test/mqtt-kit.js';
import type { Command } from '../contract/command.js';
import { arm } from '../guard/armed.js';
import { sparkplugHost } from './host-connector.js';
import { decodePayload, encodePayload, type MetricOut, metricValue } from './payload.js';

const DCMD = 'spBv1.0/G/DCMD/E/D';
const target = tag({ tag: 'target', address: 'G/E/D/target', type: 'int64', access: 'rw' });
const plain = tag({ tag: 'plain', address: 'G/E/D/plain', type: 'float', access: 'rw' });
const own = tag({ tag: 'own', address: 'G/E//own', type: 'bool', access: 'rw' });
const other = tag({ tag: 'other', address: 'G/F//x', type: 'double' });

/** A link to an edge node that the test plays; born, with an alias for one metric and none for another. */
async function start(more: object = {}) {
  const broker = await RecordingBroker.start();
  const config = sparkplugHost.manifest.config.parse({
    ...{ broker: { ...HASTE, urls: [broker.url] }, hostId: 'H', groups: ['G'], confirmMs: 250 },
    ...more,
  });
  const link = await sparkplugHost.open(config, testContext());
  const reader = new Reader(link, [target, plain, own, other]);
  await eventually(() => broker.published('spBv1.0/STATE/H').length === 1);
  const atMs = Date.now();
  const m = (name: string, metric: Omit<MetricOut, 'withType' | 'name'>) => ({
    name,
    atMs,
    withType: true,
    ...metric,
  });
  let seq = 0;
  const say = (topic: string, metrics: MetricOut[], fresh = false) => {
    seq = fresh ? 0 : (seq + 1) % 256;
    broker.say(topic, encodePayload({ atMs: Date.now(), seq, metrics }));
  };
  const birth = () => {
    say(
      'spBv1.0/G/NBIRTH/E',
      [m('bdSeq', { datatype: 'Int64', value: 0n }), m('own', { datatype: 'Boolean', value: false })],
      true,
    );
    say('spBv1.0/G/DBIRTH/E/D', [
      m('target', { datatype: 'Int64', value: 1n, alias: 9n }),
      m('plain', { datatype: 'Float', value: 1 }),
    ]);
  };
  birth();
  await reader.sample('target', ({ quality }) => quality === 'good');
  await reader.until('degraded');
  const write = (value: Command['value'], of = target, epoch = reader.state.epoch) => {
    const command = { id: 'w', target: of.tag, value, decision: 'd', release: 'r', gate: 'g' };
    return link.write?.(arm({ ...command, notAfterMs: Date.now() + 4_500 }, epoch, Buffer.from('k')), of);
  };
  const report = (value: bigint, historical = false) =>
    say('spBv1.0/G/DDATA/E/D', [
      { alias: 9n, atMs: Date.now(), datatype: 'Int64', withType: false, value, historical },
    ]);
  return { broker, reader, write, report, birth };
}

const sent = (broker: RecordingBroker, topic = DCMD) =>
  eventually(() => broker.published(topic).at(-1)).then((packet) => ({
    packet,
    payload: decodePayload(packet.payload as Buffer),
  }));

describe('a command of the host', () => {
  it('tck-id-payloads-alias-data-cmd-requirement, tck-id-payloads-dcmd-retain, -seq, -timestamp, tck-id-operational-behavior-data-commands-dcmd-verb, -metric-value: one DCMD by alias, with an expiry', async () => {
    const { broker, write, report } = await start();
    const receipt = write(-(2n ** 40n));
    const { packet, payload } = await sent(broker);
    expect(packet).toMatchObject({ qos: 1, retain: false, properties: { messageExpiryInterval: 4 } });
    expect(payload).not.toHaveProperty('seq');
    expect(payload.atMs).toBeTypeOf('number');
    const [metric] = payload.metrics;
    expect(metric).toMatchObject({ alias: 9n });
    expect(metric).not.toHaveProperty('name');
    expect(metric && metricValue(metric, 'Int64')).toBe(-(2n ** 40n));
    report(7n);
    report(-(2n ** 40n), true);
    report(-(2n ** 40n));
    expect(await receipt).toMatchObject({
      outcome: 'done',
      readBack: { value: -(2n ** 40n), quality: 'good' },
    });
    expect(broker.published(DCMD)).toHaveLength(1);
  });

  it('tck-id-payloads-dcmd-qos: QoS 0 with commandQos 0, as the standard has it', async () => {
    const { broker, write, report } = await start({ commandQos: 0 });
    const receipt = write(5n);
    expect((await sent(broker)).packet.qos).toBe(0);
    report(5n);
    expect(await receipt).toMatchObject({ outcome: 'done' });
  });

  it('tck-id-operational-behavior-data-commands-ncmd-verb, tck-id-payloads-ncmd-seq: of the edge node itself, by name where there is no alias', async () => {
    const { broker, write } = await start();
    const receipt = write(true, own);
    const { payload } = await sent(broker, 'spBv1.0/G/NCMD/E');
    expect(payload.metrics[0]).toMatchObject({ name: 'own', wire: { field: 'boolean', value: true } });
    expect(payload).not.toHaveProperty('seq');
    expect(await receipt).toMatchObject({
      outcome: 'unknown',
      why: 'not reported with the value within 250 ms',
    });
    void write(0.1, plain);
    expect((await sent(broker)).payload.metrics[0]?.wire).toEqual({
      field: 'float',
      value: Math.fround(0.1),
    });
  });

  it('nobody there, or not allowed, by the word of the broker: refused', async () => {
    const { broker, write } = await start();
    for (const [reason, words] of [
      [16, 'no matching subscribers'],
      [135, 'not authorized'],
    ] as const) {
      broker.pubackReason = reason;
      expect(await write(5n)).toMatchObject({ outcome: 'refused', status: expect.stringContaining(words) });
    }
  });

  it('a birth between sending and report: unknown, though the value is in it', async () => {
    const { write, birth, broker, reader } = await start();
    const { epoch } = reader.state;
    const receipt = write(1n);
    await sent(broker);
    birth();
    expect(await receipt).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('birth changed'),
    });
    await eventually(() => reader.state.epoch !== epoch);
    expect(await write(1n, target, epoch)).toMatchObject({
      outcome: 'refused',
      why: 'armed under another epoch',
    });
    expect(broker.published(DCMD)).toHaveLength(1);
  });

  it('a connection lost between sending and report: unknown, and not sent again', async () => {
    const { write, broker } = await start();
    broker.silent = true;
    const receipt = write(5n);
    await sent(broker);
    broker.silent = false;
    broker.cut();
    expect(await receipt).toMatchObject({ outcome: 'unknown' });
    await eventually(() => broker.published('spBv1.0/STATE/H').length === 2);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(broker.published(DCMD)).toHaveLength(1);
  });

  it('the birth of another edge node: a new epoch for all, every tag told once more, and what was armed before is void', async () => {
    const { broker, reader, write } = await start();
    const { epoch } = reader.state;
    const before = reader.items.length;
    const metrics: MetricOut[] = [
      { name: 'bdSeq', datatype: 'Int64', withType: true, value: 0n },
      { name: 'x', datatype: 'Double', withType: true, value: 2.5 },
    ];
    broker.say('spBv1.0/G/NBIRTH/F', encodePayload({ atMs: Date.now(), seq: 0, metrics }));
    await reader.sample('other', ({ value }) => value === 2.5);
    await reader.until('up');
    const told = reader.items.slice(before);
    expect(new Set(told.map((one) => one.epoch))).toEqual(new Set([reader.state.epoch]));
    expect(told.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect(told.map((one) => one.kind === 'sample' && [one.tag, one.value, one.quality])).toEqual([
      ['target', 1n, 'good'],
      ['plain', 1, 'good'],
      ['own', false, 'good'],
      ['other', 2.5, 'good'],
    ]);
    expect(await write(5n, target, epoch)).toMatchObject({
      outcome: 'refused',
      why: 'armed under another epoch',
    });
  });

  it('what the guard did not arm is refused, whatever it looks like', async () => {
    const { broker, reader } = await start();
    const forged = { command: { id: 'w', target: 'target', value: 5n }, epoch: reader.state.epoch, seal: '' };
    const link = await sparkplugHost.open(
      sparkplugHost.manifest.config.parse({ broker: { urls: [broker.url] }, hostId: 'I', groups: ['G'] }),
      testContext(),
    );
    expect(await link.write?.(forged as never, target)).toMatchObject({
      outcome: 'refused',
      why: 'not armed by the guard',
    });
    await link.close();
    expect(broker.published(DCMD)).toEqual([]);
  });
});
