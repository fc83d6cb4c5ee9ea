import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, HASTE, type IPublishPacket, RecordingBroker, testContext } from '../../test/mqtt-kit.js';
import { brokerSchema } from '../mqtt/broker-config.js';
import type { Datatype } from './datatypes.js';
import { type HostOptions, SparkplugHost } from './host.js';
import { decodePayload, encodePayload, type MetricOut, metricValue } from './payload.js';
import { formatState, parseState } from './topics.js';
import type { MetricValue } from './values.js';

const STATE = 'spBv1.0/STATE/H';
const NCMD = 'spBv1.0/G/NCMD/E';
const m = (
  name: string,
  datatype: Datatype,
  value: MetricValue,
  more: Partial<MetricOut> = {},
): MetricOut => ({
  ...{ name, datatype, value, atMs: Date.now(), withType: true, ...more },
});
/** DATA by alias, without a type. */
const d = (
  alias: bigint,
  datatype: Datatype,
  value: MetricValue,
  more: Partial<MetricOut> = {},
): MetricOut => ({
  ...{ alias, datatype, value, atMs: Date.now(), withType: false, ...more },
});

/** A host and an edge node whose messages the test says one by one. */
async function start(given: Partial<HostOptions> = {}) {
  const broker = await RecordingBroker.start();
  const context = testContext();
  const seen: string[] = [];
  const host = new SparkplugHost({
    ...{
      hostId: 'H',
      groups: ['G'],
      reorderMs: 150,
      clockToleranceMs: 60_000,
      firstRebirthMs: 200,
      longestRebirthMs: 800,
    },
    ...{ context, broker: brokerSchema.parse({ ...HASTE, urls: [broker.url] }) },
    on: {
      up: () => seen.push('up'),
      down: () => seen.push('down'),
      edge: () => ({
        birth: () => seen.push('birth'),
        deviceBirth: (device, again) => seen.push(`${again ? 'again ' : ''}birth ${device}`),
        death: (device, atMs) => seen.push(`death ${device} ${atMs < 1e6 ? atMs : 'now'}`),
        reading: (device, { name }, { value, quality, historical }) => {
          if (name === 'bdSeq' || name.startsWith('Node Control')) return;
          seen.push(
            `${device ?? ''}:${name}=${String(value)}${quality === 'good' ? '' : ` ${quality}`}${historical ? ' old' : ''}`,
          );
        },
        lost: (messages) => seen.push(`lost ${messages}`),
      }),
    },
    ...given,
  });
  onTestFinished(() => host.close());
  host.start();
  await eventually(() => host.up);
  const say = (
    verb: string,
    seq: number | undefined,
    metrics: MetricOut[],
    more: { device?: string; atMs?: number } = {},
  ) =>
    broker.say(
      `spBv1.0/G/${verb}/E${more.device ? `/${more.device}` : ''}`,
      encodePayload({ atMs: more.atMs ?? Date.now(), ...(seq === undefined ? {} : { seq }), metrics }),
    );
  const nbirth = (bdSeq = 0n, more: MetricOut[] = []) =>
    say('NBIRTH', 0, [
      m('bdSeq', 'Int64', bdSeq),
      m('Node Control/Rebirth', 'Boolean', false),
      m('up', 'Int64', -5n, { alias: 1n }),
      ...more,
    ]);
  const dbirth = (seq: number) =>
    say('DBIRTH', seq, [m('a', 'Int8', -1, { alias: 2n }), m('list', 'Int16Array', [1, -2], { alias: 3n })], {
      device: 'D',
    });
  const asked = () => broker.published(NCMD);
  const told = (count: number) =>
    eventually(
      () => seen.length >= count && seen,
      3_000,
      () => seen,
    );
  return { broker, host, context, seen, say, nbirth, dbirth, asked, told };
}

const isRebirth = (packet: IPublishPacket | undefined) => {
  const { metrics, seq } = decodePayload(packet?.payload as Buffer);
  return seq === undefined && metrics[0]?.name === 'Node Control/Rebirth' && metricValue(metrics[0]) === true;
};

describe('a host application', () => {
  it('tck-id-operational-behavior-host-application-connect-will, -topic, -payload, -qos, -retained, tck-id-message-flow-phid-sparkplug-clean-session-50, -subscription, -state-publish, -state-publish-payload-timestamp', async () => {
    const { broker } = await start();
    const { will, clean, properties } = broker.connects[0] ?? {};
    expect(will).toMatchObject({ topic: STATE, qos: 1, retain: true });
    expect([clean, properties?.sessionExpiryInterval]).toEqual([true, 0]);
    const said = parseState(will?.payload as Buffer);
    expect(said).toMatchObject({ online: false });
    expect(Math.abs((said?.atMs ?? 0) - Date.now())).toBeLessThan(5_000);
    expect(broker.flow()).toEqual(['connect', `subscribe ${STATE} spBv1.0/G/#`, `publish ${STATE}`]);
    const [birth] = broker.published(STATE);
    expect(birth).toMatchObject({ qos: 1, retain: true });
    expect(parseState(birth?.payload as Buffer)).toEqual({ online: true, atMs: said?.atMs });
  });

  it('tck-id-operational-behavior-host-application-termination, -death-topic, -death-payload, -death-qos, -death-retained, tck-id-host-topic-phid-death-payload-timestamp-disconnect-clean', async () => {
    const { broker, host } = await start();
    const before = parseState(broker.connects[0]?.will?.payload as Buffer)?.atMs ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
    await host.close();
    await eventually(() => broker.flow().at(-1) === 'disconnect');
    const death = broker.published(STATE).at(-1);
    expect(death).toMatchObject({ qos: 1, retain: true });
    const said = parseState(death?.payload as Buffer);
    expect(said?.online).toBe(false);
    expect(said?.atMs).toBeGreaterThan(before);
  });

  it('tck-id-message-flow-hid-sparkplug-state-message-delivered: told that it is offline, it says at once that it is not, with the time of its CONNECT', async () => {
    const { broker } = await start();
    broker.say(STATE, formatState({ online: false, atMs: 1 }), { qos: 1, messageId: 9 });
    await eventually(() => broker.published(STATE).length === 2);
    const [first, second] = broker.published(STATE).map(({ payload }) => payload.toString());
    expect(second).toBe(first);
    broker.say(STATE, formatState({ online: true, atMs: 1 }), { qos: 1, messageId: 10 });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(broker.published(STATE)).toHaveLength(2);
  });

  it('tck-id-operational-behavior-host-application-multi-server-timestamp: a new CONNECT has a new time, in Will and birth alike', async () => {
    const { broker, host } = await start();
    broker.cut();
    await eventually(() => broker.connects.length === 2 && host.up);
    const wills = broker.connects.map(({ will }) => parseState(will?.payload as Buffer)?.atMs ?? 0);
    const births = broker.published(STATE).map(({ payload }) => parseState(payload as Buffer)?.atMs ?? 0);
    expect(births).toEqual(wills);
    expect(wills[1]).toBeGreaterThan(wills[0] ?? 0);
  });

  it('tck-id-payloads-metric-datatype-not-req: types and aliases are remembered from the births, signs and arrays too', async () => {
    const { seen, say, nbirth, dbirth, told } = await start();
    nbirth();
    dbirth(1);
    say('DDATA', 2, [d(2n, 'Int8', -128), d(3n, 'Int16Array', [-7])], { device: 'D' });
    say('NDATA', 3, [d(1n, 'Int64', -(2n ** 63n)), d(1n, 'Int64', 1n, { historical: true })]);
    await told(10);
    expect(seen).toEqual([
      ...['up', 'birth', ':up=-5', 'birth D', 'D:a=-1', 'D:list=1,-2'],
      ...['D:a=-128', 'D:list=-7', ':up=-9223372036854775808', ':up=1 old'],
    ]);
  });

  it('tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-offline, -node-tags-stale, -devices-offline: only the death of this birth counts', async () => {
    const { seen, say, nbirth, dbirth, told, host } = await start();
    nbirth(4n);
    dbirth(1);
    say('NDEATH', undefined, [m('bdSeq', 'Int64', 3n)]);
    say('DDATA', 2, [d(2n, 'Int8', 7)], { device: 'D' });
    await told(7);
    expect(seen.at(-1)).toBe('D:a=7');
    say('NDEATH', undefined, [m('bdSeq', 'Int64', 4n)]);
    await told(8);
    expect(seen.at(-1)).toBe('death null now');
    const view = host.edge('G/E');
    expect([view?.online, view?.isAlive('D'), view?.find('D', 'a')?.last]).toEqual([false, false, undefined]);
  });

  it('a death under another number: the edge node is asked for a birth, and counts as dead where none comes', async () => {
    const { say, nbirth, asked, host, seen } = await start();
    nbirth(4n);
    say('NDEATH', undefined, [m('bdSeq', 'Int64', 3n)]);
    await eventually(() => asked().length === 1);
    expect(host.edge('G/E')?.online).toBe(true);
    nbirth(4n);
    await new Promise((resolve) => setTimeout(resolve, 50));
    say('NDEATH', undefined, [m('bdSeq', 'Int64', 3n)]);
    await eventually(() => seen.includes('death null now'));
    expect(host.edge('G/E')?.online).toBe(false);
  });

  it('tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-offline, -tags-stale: with the time that the DDEATH says', async () => {
    const { seen, say, nbirth, dbirth, told, host } = await start({ clockToleranceMs: 1e15 });
    nbirth();
    dbirth(1);
    say('DDEATH', 2, [], { device: 'D', atMs: 123_456 });
    await told(7);
    expect(seen.at(-1)).toBe('death D 123456');
    expect([host.edge('G/E')?.isAlive('D'), host.edge('G/E')?.isAlive(null)]).toEqual([false, true]);
    dbirth(3);
    await told(8);
    expect(seen.slice(7)).toEqual(['again birth D', 'D:a=-1', 'D:list=1,-2']);
  });

  it('tck-id-operational-behavior-host-reordering-start, -success: what comes too early waits for what is before it', async () => {
    const { seen, say, nbirth, dbirth, told, asked } = await start();
    nbirth();
    say('DDATA', 3, [d(2n, 'Int8', 3)], { device: 'D' });
    say('DDATA', 2, [d(2n, 'Int8', 2)], { device: 'D' });
    dbirth(1);
    await told(8);
    expect(seen.slice(3)).toEqual(['birth D', 'D:a=-1', 'D:list=1,-2', 'D:a=2', 'D:a=3']);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(asked()).toEqual([]);
  });

  it('tck-id-operational-behavior-host-reordering-rebirth, -param, tck-id-operational-behavior-data-commands-ncmd-rebirth-verb, -name, -value, tck-id-payloads-ncmd-qos, -retain, -seq: what does not come is counted, all is stale, a birth is asked for', async () => {
    const { seen, say, nbirth, dbirth, told, asked, host } = await start();
    nbirth();
    dbirth(1);
    const from = performance.now();
    say('DDATA', 4, [d(2n, 'Int8', 4)], { device: 'D' });
    say('DDATA', 5, [d(2n, 'Int8', 5)], { device: 'D' });
    await told(8);
    expect(performance.now() - from).toBeGreaterThan(140);
    expect(seen.slice(6)).toEqual(['lost 4', 'death null now']);
    await eventually(() => asked().length === 1);
    expect(asked()[0]).toMatchObject({ qos: 0, retain: false });
    expect(isRebirth(asked()[0])).toBe(true);
    expect(host.edge('G/E')?.online).toBe(false);
    say('DDATA', 6, [d(2n, 'Int8', 6)], { device: 'D' });
    nbirth();
    await told(11);
    expect(seen.slice(8)).toEqual(['birth', 'lost 1', ':up=-5']);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(asked()).toHaveLength(1);
  });

  it('data without a birth, of an unborn device, of an unknown alias, or unreadable: a birth is asked for, again and more slowly until it comes', async () => {
    const { say, asked, told, nbirth, broker, seen } = await start();
    say('NDATA', 9, [d(1n, 'Int64', 1n)]);
    await eventually(() => asked().length === 1);
    say('NDATA', 10, [d(1n, 'Int64', 1n)]);
    await eventually(() => asked().length === 2);
    nbirth();
    await told(4);
    expect(seen).toContain('lost 2');
    say('DDATA', 1, [d(2n, 'Int8', 1)], { device: 'D' });
    await eventually(() => asked().length === 3, 3_000);
    nbirth();
    say('NDATA', 1, [d(77n, 'Int64', 1n), d(1n, 'Int64', 2n)]);
    await eventually(() => seen.includes(':up=2'));
    expect(seen.filter((one) => one === 'lost 1')).toHaveLength(2);
    await eventually(() => asked().length === 4, 3_000);
    nbirth();
    broker.say('spBv1.0/G/NDATA/E', Buffer.from([0xff, 0xff, 0xff]));
    await eventually(() => asked().length === 5, 3_000);
    expect(asked().every(isRebirth)).toBe(true);
  });

  it('an edge node that never does right is not asked faster and faster', async () => {
    const { say, nbirth, asked } = await start();
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      nbirth();
      say('NDATA', 1, [d(77n, 'Int64', 1n)]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(asked().length).toBeGreaterThan(1);
    expect(asked().length).toBeLessThan(6);
  });

  it('an edge node that was born before the host is asked for a birth, and after a lost connection again', async () => {
    const { host, asked, nbirth, told, broker, seen } = await start();
    host.want('G/E');
    await eventually(() => asked().length === 1);
    nbirth();
    await told(3);
    broker.cut();
    await eventually(() => seen.includes('death null now') && seen.includes('down'));
    await eventually(() => broker.connects.length === 2 && asked().length === 2);
  });

  it('a clock that is off by more than the tolerance: values stay good, their times are those of here, and it is said', async () => {
    const { say, host, context } = await start({ clockToleranceMs: 10_000 });
    const wrong = Date.now() + 3_600_000;
    say(
      'NBIRTH',
      0,
      [m('bdSeq', 'Int64', 0n, { atMs: wrong }), m('up', 'Double', 1, { alias: 1n, atMs: wrong })],
      { atMs: wrong },
    );
    const last = await eventually(() => host.edge('G/E')?.find(null, 'up')?.last);
    expect(last).toMatchObject({
      quality: 'good',
      timeFrom: 'edge',
      status: expect.stringMatching(/^clock off by 3[56]\d{5} ms$/),
    });
    expect(Math.abs(last.atMs - Date.now())).toBeLessThan(5_000);
    expect(context.logs.some(([event]) => event === 'sparkplug-clock-off')).toBe(true);
    // An old value in a message of a right clock is an old value.
    say('NDATA', 1, [d(1n, 'Double', 2, { atMs: 1_000 })]);
    const next = await eventually(() => {
      const one = host.edge('G/E')?.find(null, 'up')?.last;
      return one?.value === 2 && one;
    });
    expect(next).toMatchObject({ atMs: 1_000, timeFrom: 'source' });
  });

  it('qualities of the standard, null, and a value that is not of its type', async () => {
    const { say, nbirth, seen, told } = await start();
    nbirth(0n, [m('q', 'Double', 1, { alias: 8n })]);
    const quality = (code: number) => ({
      properties: { Quality: { datatype: 'Int32' as const, value: code } },
    });
    say('NDATA', 1, [
      d(8n, 'Double', 1, quality(192)),
      d(8n, 'Double', 2, quality(0)),
      d(8n, 'Double', 3, quality(500)),
    ]);
    say('NDATA', 2, [d(8n, 'Double', 4, quality(7)), d(8n, 'Double', null), d(8n, 'String', 'x')]);
    await told(10);
    expect(seen.slice(4)).toEqual([
      ':q=1',
      ':q=2 bad',
      ':q=3 bad',
      ':q=4 uncertain',
      ':q=null bad',
      ':q=null bad',
    ]);
  });

  it('a flood of names does not fill its memory', async () => {
    const { broker, host, context } = await start();
    const birth = encodePayload({ atMs: Date.now(), seq: 0, metrics: [] });
    for (let i = 0; i < 2_100; i += 1) broker.say(`spBv1.0/G/NBIRTH/E${i}`, birth);
    await eventually(() => context.logs.some(([event]) => event === 'sparkplug-too-many-edges'));
    expect(host.edges()).toHaveLength(2_000);
  });
});
