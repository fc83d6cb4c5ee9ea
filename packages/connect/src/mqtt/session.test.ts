import { describe, expect, it } from 'vitest';
import { BROKERS, eventually, HASTE, RecordingBroker, testContext } from '../../test/mqtt-kit.js';
import { type BrokerConfig, brokerSchema } from './broker-config.js';
import { type Attempt, type Message, MqttSession } from './session.js';

type Given = {
  readonly broker: Partial<BrokerConfig> & { readonly urls: string[] };
  readonly attempt?: Partial<Attempt>;
};

function session({ broker, attempt }: Given, filters: readonly string[] = ['a/#']) {
  const context = testContext({ secret: async (name) => `the ${name}` });
  const messages: Message[] = [];
  const downs: string[] = [];
  let attempts = 0;
  const one = new MqttSession({
    context,
    broker: brokerSchema.parse({ ...HASTE, ...broker }),
    attempt: () => {
      attempts += 1;
      const will = { topic: 'will', payload: Buffer.from(`${attempts}`), qos: 1 as const, retain: false };
      return { clientId: 'me', sessionExpirySeconds: 0, will, ...attempt };
    },
    onUp: () => one.subscribe(filters),
    onDown: (why) => downs.push(why),
    onMessage: (message) => messages.push(message),
  });
  one.start();
  return { one, context, messages, downs };
}

describe('a session', () => {
  it('says in each CONNECT what holds then: clean start, no expiry, a Will of its own, receive maximum, user and secret', async () => {
    const broker = await RecordingBroker.start();
    const { one } = session({
      broker: { urls: [broker.url], user: 'u', passwordSecret: 'word', receiveMaximum: 17 },
    });
    await eventually(() => one.up);
    broker.cut();
    await eventually(() => broker.connects.length === 2);
    expect(broker.connects.map((packet) => [packet.will?.payload?.toString(), packet.clean])).toEqual([
      ['1', true],
      ['2', true],
    ]);
    const { properties, protocolVersion, username, password, will } = broker.connects[0] ?? {};
    expect([protocolVersion, username, String(password)]).toEqual([5, 'u', 'the word']);
    expect(properties).toMatchObject({ sessionExpiryInterval: 0, receiveMaximum: 17 });
    expect(will).toMatchObject({ qos: 1, retain: false });
    await one.close();
  });

  it('keeps a session at the broker only where it is told to, and knows what came from it', async () => {
    const broker = await RecordingBroker.start();
    broker.sessionPresent = true;
    broker.keptTopic = 'a/old';
    const { one, messages } = session({
      broker: { urls: [broker.url] },
      attempt: { sessionExpirySeconds: 60 },
    });
    await eventually(() => one.up && broker.flow().some((what) => what.startsWith('subscribe')));
    await eventually(() => messages.length === 1);
    expect(await one.roundTripMs('a/#')).not.toBeNull();
    broker.say('a/new', 'x');
    await eventually(() => messages.length === 2);
    expect(broker.connects[0]).toMatchObject({ clean: false, properties: { sessionExpiryInterval: 60 } });
    expect(messages.map(({ topic, kept }) => [topic, kept])).toEqual([
      ['a/old', true],
      ['a/new', false],
    ]);
    await one.close();
  });

  it('refuses a publication while offline, and never sends it later', async () => {
    const broker = await RecordingBroker.start();
    const { one } = session({ broker: { urls: [broker.url] } });
    expect(one.send('a', Buffer.from('early'))).toBe(false);
    expect(await one.publish('a', Buffer.from('early'), { qos: 1 })).toMatchObject({ outcome: 'refused' });
    await eventually(() => one.up);
    expect(await one.publish('a', Buffer.from('now'), { qos: 1, expirySeconds: 3 })).toMatchObject({
      outcome: 'acknowledged',
    });
    expect(
      broker
        .published()
        .map(({ payload, properties, qos }) => [payload.toString(), qos, properties?.messageExpiryInterval]),
    ).toEqual([['now', 1, 3]]);
    await one.close();
  });

  it('a connection lost between sending and PUBACK is unknown, and is not sent again after the reconnect', async () => {
    const broker = await RecordingBroker.start();
    const { one } = session({ broker: { urls: [broker.url] } });
    await eventually(() => one.up);
    expect(await one.roundTripMs('a/#')).not.toBeNull();
    broker.silent = true;
    const sent = one.publish('a', Buffer.from('once'), { qos: 1 });
    await eventually(() => broker.published('a').length === 1);
    broker.silent = false;
    broker.cut();
    expect(await sent).toMatchObject({ outcome: 'unknown' });
    await eventually(() => broker.connects.length === 2 && one.up);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(broker.published('a')).toHaveLength(1);
    await one.close();
  });

  it('a broker that sends more than it was told to is left, and what follows on the next connection is taken', async () => {
    const broker = await RecordingBroker.start();
    const { one, messages, downs } = session({ broker: { urls: [broker.url], largestMessageBytes: 2000 } });
    await eventually(() => one.up);
    broker.say('a/b', Buffer.alloc(3_000_000));
    await eventually(() => broker.connects.length === 2 && one.up);
    expect(downs).toHaveLength(1);
    broker.say('a/b', 'after');
    await eventually(() => messages.length > 0);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(['after']);
    await one.close();
  });

  it('a broker that answers no more is noticed: a publication is unknown in its time, and the connection is given up', async () => {
    const broker = await RecordingBroker.start();
    const { one, downs } = session({ broker: { urls: [broker.url], replyMs: 200, keepAliveSeconds: 1 } });
    await eventually(() => one.up);
    expect(await one.roundTripMs('a/#')).not.toBeNull();
    broker.silent = true;
    expect(await one.publish('a', Buffer.from('x'), { qos: 1 })).toMatchObject({ outcome: 'unknown' });
    expect(await one.roundTripMs('a/b')).toBeNull();
    await eventually(() => downs.length > 0, 4_000);
    await one.close();
  });

  it.each([
    [16, 'no matching subscribers'],
    [135, 'not authorized'],
    [151, 'quota exceeded'],
  ])('PUBACK with reason %i is a refusal that says %s', async (code, words) => {
    const broker = await RecordingBroker.start();
    broker.pubackReason = code;
    const { one } = session({ broker: { urls: [broker.url] } });
    await eventually(() => one.up);
    const said = await one.publish('a', Buffer.from('x'), { qos: 1 });
    expect(said.outcome).toBe('refused');
    expect(said.why).toContain(words);
    await one.close();
  });

  it('says why it was not let in, and tries on', async () => {
    const broker = await RecordingBroker.start();
    broker.connackReason = 134;
    const { one, downs } = session({ broker: { urls: [broker.url] } });
    await eventually(() => downs.length > 1);
    expect(downs[0]).toContain('bad user name or password');
    broker.connackReason = 0;
    await eventually(() => one.up);
    await one.close();
  });

  it('a refused subscription ends the connection with its reason', async () => {
    const broker = await RecordingBroker.start();
    broker.subackReason = 135;
    const { one, downs } = session({ broker: { urls: [broker.url] } });
    await eventually(() => downs.length > 0);
    expect(downs[0]).toMatch(/refused the subscription|not authorized/i);
    await one.close();
  });

  it('two clients of one name: the reason is said, and the pauses grow instead of a race', async () => {
    const broker = await RecordingBroker.start();
    const { one, downs } = session({
      broker: { urls: [broker.url], firstPauseMs: 40, longestPauseMs: 2_000 },
    });
    for (let i = 1; i <= 4; i += 1) {
      await eventually(() => one.up && broker.connects.length === i);
      broker.disconnect(142);
      await eventually(() => downs.length === i);
    }
    expect(downs[0]).toContain('another client uses the same clientId');
    const before = broker.connects.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(broker.connects.length).toBe(before);
    await one.close();
  });

  it('sends no more of QoS 1 than the broker takes at once', async () => {
    const broker = await RecordingBroker.start();
    broker.receiveMaximum = 2;
    const { one } = session({ broker: { urls: [broker.url], replyMs: 300 } });
    await eventually(() => one.up);
    expect(await one.roundTripMs('a/#')).not.toBeNull();
    broker.silent = true;
    const said = await Promise.all([1, 2, 3].map((n) => one.publish('a', Buffer.from(`${n}`), { qos: 1 })));
    expect(said.map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown', 'refused']);
    await one.close();
  });

  it('tries the next broker where one is not there', async () => {
    const broker = await RecordingBroker.start();
    const { one } = session({ broker: { urls: ['mqtt://127.0.0.1:1', broker.url] } });
    await eventually(() => one.up);
    await one.close();
  });

  it('ends at once when its signal does, also between tries, and closing twice is closing', async () => {
    const { one, context } = session({
      broker: { urls: ['mqtt://127.0.0.1:1'], firstPauseMs: 60_000, longestPauseMs: 60_000 },
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    context.end();
    await one.close();
    await one.close();
    expect(one.up).toBe(false);
  });

  it('disconnects with the Will where it is told to', async () => {
    const broker = await RecordingBroker.start();
    const { one } = session({ broker: { urls: [broker.url] } });
    await eventually(() => one.up);
    await one.close({ withWill: true });
    const last = await eventually(() => broker.seen.find(({ packet }) => packet.cmd === 'disconnect'));
    expect(last.packet).toMatchObject({ reasonCode: 4 });
  });
});

describe.each(BROKERS)('a session with a real broker: $name', ({ start, here }) => {
  it.skipIf(!here)('comes back after the broker was killed', async () => {
    const broker = await start();
    const { one, messages, downs } = session({ broker: { urls: [broker.url], version: broker.version } });
    await eventually(() => one.up);
    await broker.stop('kill');
    await eventually(() => downs.length > 0);
    expect(await one.publish('a/x', Buffer.from('lost'), { qos: 1 })).toMatchObject({ outcome: 'refused' });
    await start(broker.port);
    await eventually(() => one.up, 8_000);
    expect(await one.roundTripMs('a/#')).not.toBeNull();
    expect(await one.publish('a/x', Buffer.from('kept'), { qos: 1 })).toMatchObject({
      outcome: 'acknowledged',
    });
    await eventually(() => messages.length > 0);
    expect(messages.map(({ payload }) => payload.toString())).toEqual(['kept']);
    expect(await one.roundTripMs('a/#')).toBeLessThan(1_000);
    await one.close();
  });
});
