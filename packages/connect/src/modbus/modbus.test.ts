import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Link, LinkState } from '../contract/connector.js';
import type { Item, Sample } from '../contract/item.js';
import { type Tag, tagSchema } from '../contract/tag.js';
import type { Scalar, ScalarType } from '../contract/value.js';
import { arm } from '../guard/armed.js';
import { HostedLink } from '../host/hosted-link.js';
import { modbus } from './connector.js';
import { type Misbehaviour, type ModbusServer, startModbusServer } from './server.js';
import { findSunSpecMeter } from './sun-spec.js';
import { startSunSpecMeter } from './sun-spec-meter.js';

const KEY = new Uint8Array(32).fill(3);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const tag = (name: string, address: string, type: ScalarType = 'uint16', more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: name, address, type, sampleMs: 20, ...more });

async function served(options: Parameters<typeof startModbusServer>[0] = {}): Promise<ModbusServer> {
  const server = await startModbusServer({ unitId: 1, ...options });
  server.registers.set('holding', 0, [1, 2, 3, 4, 5, 6, 7, 8]);
  ends.push(() => server.close());
  return server;
}

async function opened(
  port: number,
  {
    tags = [],
    ...more
  }: {
    tags?: readonly Tag[];
    writeMultiple?: boolean;
    mostGap?: number;
    answerMs?: number;
    unitId?: number;
  } = {},
) {
  const config = modbus.manifest.config.parse({ host: '127.0.0.1', port, answerMs: 150, ...more });
  const link = await modbus.open(config, {
    ...{ signal: new AbortController().signal, folder: '', log: () => {}, random: () => 0.5 },
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    secret: async () => '',
  });
  ends.push(() => link.close());
  const states: LinkState[] = [];
  const items: Item[] = [];
  void (async () => {
    for await (const state of link.states()) states.push(state);
  })();
  if (tags.length > 0)
    void (async () => {
      for await (const batch of link.batches(tags)) {
        items.push(...batch.items);
        await batch.ack();
      }
    })();
  const until = async (what: () => boolean, ms = 5000): Promise<void> => {
    for (const fromMs = performance.now(); !what() && performance.now() - fromMs < ms; ) await wait(10);
    expect(what()).toBe(true);
  };
  const isUp = () => states.at(-1)?.state === 'up' || states.at(-1)?.state === 'degraded';
  await until(isUp);
  const samples = (name: string) =>
    items.filter((one): one is Sample => one.kind === 'sample' && one.tag === name);
  return { link, states, items, until, isUp, samples, epoch: () => states.at(-1)?.epoch ?? '' };
}

const write = (link: Link, of: Tag, value: Scalar, epoch: string, leftMs = 5000) =>
  link.write?.(
    arm(
      {
        ...{ id: `w-${of.tag}`, target: of.tag, value, decision: 'd', release: 'r', gate: 'g' },
        notAfterMs: Date.now() + leftMs,
      },
      epoch,
      KEY,
    ),
    of,
  );

describe('reading', () => {
  it('near addresses share a request; one that does not exist takes no other along, and is then asked alone', async () => {
    const server = await served();
    server.registers.drop('holding', 3);
    const asked: string[] = [];
    server.misbehave = ({ pdu }, frame) => {
      asked.push(`${pdu.readUInt16BE(1)}+${pdu.readUInt16BE(3)}`);
      return frame;
    };
    const { link } = await opened(server.port);
    asked.length = 0;
    const tags = [tag('a', 'h:0'), tag('b', 'h:2'), tag('missing', 'h:3'), tag('c', 'h:5')];
    await link.read(tags.filter(({ tag: name }) => name !== 'missing').slice(0, 2));
    expect(asked).toEqual(['0+3']);
    asked.length = 0;
    const samples = await link.read(tags);
    expect(samples.map(({ value }) => value)).toEqual([1, 3, null, 6]);
    expect(samples[2]).toMatchObject({ quality: 'bad', status: 'exception 2' });
    expect(asked).toEqual(['0+6', '0+1', '2+1', '3+1', '5+1']);
  });

  it('a device that is busy is not asked register by register', async () => {
    const server = await served();
    const { link } = await opened(server.port);
    let asked = 0;
    server.misbehave = ({ transaction }) => {
      asked += 1;
      return Buffer.from([transaction >> 8, transaction & 255, 0, 0, 0, 3, 1, 0x83, 6]);
    };
    const tags = [tag('a', 'h:0'), tag('b', 'h:2'), tag('c', 'h:4')];
    expect((await link.read(tags)).map(({ status }) => status)).toEqual(new Array(3).fill('exception 6'));
    server.misbehave = (_, frame) => {
      asked += 1;
      return frame;
    };
    expect((await link.read(tags)).map(({ value }) => value)).toEqual([1, 3, 5]);
    expect(asked).toBe(2);
  });

  it('all tables, types and misaddressed tags in one read, and what is outside its range is uncertain', async () => {
    const server = await served();
    server.registers.set('coil', 0, [1, 0, 1]);
    server.registers.set('discrete', 4, [1]);
    server.registers.set('input', 6, [0x4640, 0xe6b6]);
    const { link } = await opened(server.port);
    const samples = await link.read([
      tag('coils', 'c:0[3]', 'bool', { array: true }),
      tag('discrete', 'discrete:10005', 'bool'),
      tag('float', 'input:30007', 'float'),
      tag('nonsense', 'x:1'),
      tag('high', 'h:7', 'uint16', { range: [0, 5] }),
    ]);
    expect(samples.map(({ value }) => value)).toEqual([
      [true, false, true],
      true,
      Math.fround(12345.678),
      null,
      8,
    ]);
    expect(samples.map(({ quality }) => quality)).toEqual(['good', 'good', 'good', 'bad', 'uncertain']);
  });

  it('changes are told once; each tag at its own pace, without two reads at a time', async () => {
    const server = await served();
    let open = 0;
    let most = 0;
    server.misbehave = async (_, frame) => {
      open += 1;
      most = Math.max(most, open);
      await wait(15);
      open -= 1;
      return frame;
    };
    const tags = [tag('fast', 'h:0'), tag('slow', 'h:1', 'uint16', { sampleMs: 400 })];
    const { samples, until } = await opened(server.port, { tags });
    await until(() => samples('slow').length === 1);
    await wait(150);
    expect(samples('fast')).toHaveLength(1);
    server.registers.set('holding', 0, [11, 12]);
    await until(() => samples('fast').at(-1)?.value === 11);
    await until(() => samples('slow').at(-1)?.value === 12);
    expect(samples('fast')).toHaveLength(2);
    expect(most).toBe(1);
  });

  it('a unit of a gateway that is silent is an exception of its own tag alone', async () => {
    const server = await served();
    const { link } = await opened(server.port);
    const samples = await link.read([tag('there', 'h:0'), tag('elsewhere', 'h:0@7')]);
    expect(samples).toMatchObject([{ value: 1 }, { quality: 'bad', status: 'exception 11' }]);
  });
});

describe('a process of its own', () => {
  it('is found by its name, reads, and refuses a write that another guard armed', async () => {
    const server = await served();
    const link = new HostedLink({
      ...{
        connector: 'modbus',
        config: { host: '127.0.0.1', port: server.port },
        tags: [tag('a', 'h:1')],
        key: KEY,
      },
      context: {
        ...{ signal: new AbortController().signal, folder: tmpdir(), log: () => {}, random: () => 0.5 },
        nowMs: () => Date.now(),
        steadyMs: () => performance.now(),
        secret: async () => '',
      },
    });
    ends.push(() => link.close());
    let epoch = '';
    for await (const state of link.states()) {
      epoch = state.epoch;
      if (state.state === 'up') break;
    }
    expect(await link.read([tag('a', 'h:1')])).toMatchObject([{ value: 2, quality: 'good' }]);
    const of = tag('w', 'h:2', 'uint16', { access: 'rw' });
    const command = { id: 'w', target: 'w', value: 9, decision: 'd', release: 'r', gate: 'g' };
    const write = (key: Uint8Array) =>
      link.write(arm({ ...command, notAfterMs: Date.now() + 5000 }, epoch, key), of);
    expect(await write(new Uint8Array(32))).toMatchObject({ outcome: 'refused' });
    expect(await write(KEY)).toMatchObject({ outcome: 'done' });
    expect(server.writes).toMatchObject([{ at: 2, values: [9] }]);
  });
});

describe('hostile peers', () => {
  const changed =
    (change: (frame: Buffer) => Buffer): Misbehaviour =>
    (_, frame) =>
      change(Buffer.from(frame));
  it.each<[string, (frame: Buffer) => Buffer, RegExp]>([
    [
      'another unit',
      (f) => Buffer.concat([f.subarray(0, 6), Buffer.from([9]), f.subarray(7)]),
      /unit 9 answered/,
    ],
    ['an exception of another unit', () => Buffer.alloc(0), /unit 9 answered/],
    [
      'too few registers',
      (f) => Buffer.concat([f.subarray(0, 4), Buffer.from([0, 3]), f.subarray(6, 8), Buffer.from([0])]),
      /length/,
    ],
    [
      'a wrong byte count',
      (f) => {
        f[8] = 0;
        return f;
      },
      /0 bytes came|length/,
    ],
    [
      'another function',
      (f) => {
        f[7] = 4;
        return f;
      },
      /code/,
    ],
  ])('%s answers: bad, and the link stays', async (name, change, status) => {
    const server = await served();
    const { link, isUp } = await opened(server.port);
    server.misbehave =
      name === 'an exception of another unit'
        ? ({ transaction }) => Buffer.from([transaction >> 8, transaction & 255, 0, 0, 0, 3, 9, 0x83, 2])
        : changed(change);
    const [sample] = await link.read([tag('a', 'h:0')]);
    expect(sample).toMatchObject({ quality: 'bad', value: null, status: expect.stringMatching(status) });
    server.misbehave = null;
    expect(await link.read([tag('a', 'h:0')])).toMatchObject([{ value: 1, quality: 'good' }]);
    expect(isUp()).toBe(true);
  });

  it.each<[string, Misbehaviour]>([
    ['a frame that ends in the middle', (_, frame) => frame.subarray(0, frame.length - 1)],
    [
      'a length that never comes',
      (_, frame) => {
        const f = Buffer.from(frame);
        f.writeUInt16BE(65_535, 4);
        return f;
      },
    ],
    // Ids have 16 bits: 256 more is another question.
    [
      'another transaction',
      ({ transaction }, frame) => {
        const f = Buffer.from(frame);
        f.writeUInt16BE((transaction + 256) & 0xffff, 0);
        return f;
      },
    ],
    ['silence', () => 'nothing'],
  ])('%s: bad in time, then a new connection that reads right', async (_name, misbehave) => {
    const server = await served();
    const { samples, until, isUp, epoch } = await opened(server.port, { tags: [tag('a', 'h:0')] });
    await until(() => samples('a').length > 0);
    const before = epoch();
    server.misbehave = misbehave;
    await until(() => samples('a').at(-1)?.quality === 'bad');
    await until(() => !isUp());
    server.misbehave = null;
    await until(() => isUp() && epoch() !== before);
    await until(() => samples('a').some((one) => one.epoch === epoch() && one.value === 1));
  });

  it('slow, but in time, is good', async () => {
    const server = await served();
    const { link } = await opened(server.port, { answerMs: 5000 });
    server.misbehave = async (_, frame) => {
      await wait(100);
      return frame;
    };
    expect(await link.read([tag('a', 'h:0')])).toMatchObject([{ value: 1 }]);
  });

  it('an answer that comes late is not taken for the next one', async () => {
    const server = await served();
    const { link } = await opened(server.port, { answerMs: 500 });
    let first = true;
    server.misbehave = async (_, frame) => {
      if (first) {
        first = false;
        await wait(650);
      }
      return frame;
    };
    const [late, next] = await Promise.all([link.read([tag('a', 'h:0')]), link.read([tag('b', 'h:4')])]);
    expect(late).toMatchObject([{ quality: 'bad', status: 'no answer in time' }]);
    expect(next).toMatchObject([{ value: 5 }]);
  });

  it('accepts, answers nothing, and is never up', async () => {
    const server = await served();
    const up = await opened(server.port);
    server.misbehave = () => 'nothing';
    server.cut();
    await up.until(() => up.states.at(-1)?.state === 'down');
    await wait(500);
    expect(up.isUp()).toBe(false);
    expect(await up.link.probe()).toMatchObject({ ok: false });
  });
});

describe('writing', () => {
  const rw = (name: string, address: string, type: ScalarType = 'uint16', more: Partial<Tag> = {}) =>
    tag(name, address, type, { access: 'rw', ...more });

  it('uses functions 5, 6 and 16, or 15 and 16 where the device has no others', async () => {
    const server = await served();
    server.registers.set('coil', 2, [0]);
    const coil = rw('coil', 'c:2', 'bool');
    const float = rw('float', 'h:4', 'float', { wordOrder: 'CDAB' });
    const { link, epoch } = await opened(server.port);
    expect(await write(link, coil, true, epoch())).toMatchObject({ outcome: 'done' });
    expect(await write(link, rw('one', 'h:0'), 77, epoch())).toMatchObject({ outcome: 'done' });
    expect(await write(link, float, 1.5, epoch())).toMatchObject({ outcome: 'done' });
    expect(await write(link, rw('text', 'h:6[2]', 'string'), 'ab', epoch())).toMatchObject({
      outcome: 'done',
    });
    const many = await opened(server.port, { writeMultiple: true });
    expect(await write(many.link, coil, false, many.epoch())).toMatchObject({ outcome: 'done' });
    expect(await write(many.link, rw('one', 'h:0'), 78, many.epoch())).toMatchObject({ outcome: 'done' });
    expect(server.writes.map(({ function: code, at, values }) => [code, at, ...values])).toEqual([
      ...[
        [5, 2, 1],
        [6, 0, 77],
        [16, 4, 0, 0x3fc0],
        [16, 6, 0x6162, 0],
      ],
      ...[
        [15, 2, 0],
        [16, 0, 78],
      ],
    ]);
  });

  it('an exception is refused; what cannot be written or said never leaves', async () => {
    const server = await served();
    const { link, epoch } = await opened(server.port);
    expect(await write(link, rw('missing', 'h:900'), 1, epoch())).toMatchObject({
      outcome: 'refused',
      status: 'exception 2',
    });
    for (const [of, value] of [
      [rw('input', 'i:0'), 1],
      [rw('bit', 'h:0.3', 'bool'), true],
      [rw('large', 'h:0'), 65_536],
      [rw('below', 'h:0'), -1],
      [rw('signed', 'h:0', 'int16'), 32_768],
      [rw('byte', 'h:0', 'int8'), 128],
      [rw('two', 'h:0', 'uint32'), 2 ** 32],
      [rw('end', 'h:65535', 'uint32'), 1],
      // Bounded, and what the registers would have to say is not.
      [rw('scaled', 'h:0', 'uint16', { scale: 0.01, range: [0, 1000] }), 700],
      [rw('tiny', 'h:0', 'float', { scale: 1e-38, range: [0, 100] }), 100],
      [rw('huge', 'h:0', 'float'), 1e39],
      [rw('none', 'h:0', 'float'), Number.NaN],
      [rw('endless', 'h:0', 'double'), Number.POSITIVE_INFINITY],
      [rw('fraction', 'h:0'), 1.5],
      [rw('long', 'h:0[2]', 'string'), 'abcde'],
      [rw('kind', 'h:0'), 'one'],
      [rw('range', 'h:0', 'uint16', { range: [0, 10] }), 11],
    ] as const)
      expect(await write(link, of, value, epoch())).toMatchObject({ outcome: 'refused' });
    expect(server.writes).toEqual([]);
  });

  it.each<[string, Misbehaviour]>([
    [
      'confirms another address',
      (_, frame) => {
        const f = Buffer.from(frame);
        f.writeUInt16BE(5, 8);
        return f;
      },
    ],
    [
      'confirms another value',
      (_, frame) => {
        const f = Buffer.from(frame);
        f.writeUInt16BE(5, 10);
        return f;
      },
    ],
    [
      'an exception of another unit',
      ({ transaction }) => Buffer.from([transaction >> 8, transaction & 255, 0, 0, 0, 3, 9, 0x86, 2]),
    ],
    ['is silent', () => 'nothing'],
    ['cuts the line', () => 'cut'],
  ])('a peer that %s leaves it unknown, and it is sent once', async (_name, misbehave) => {
    const server = await served();
    const { link, epoch, until, isUp } = await opened(server.port);
    const before = epoch();
    server.misbehave = (request, frame) => (request.write === null ? frame : misbehave(request, frame));
    expect(await write(link, rw('one', 'h:0'), 77, before)).toMatchObject({ outcome: 'unknown' });
    server.misbehave = null;
    await until(isUp);
    await wait(300);
    expect(server.writes).toHaveLength(1);
  });

  it('goes before reads that wait, and not at all where its time is up when its turn comes', async () => {
    const server = await served();
    const { link, epoch } = await opened(server.port, { mostGap: 0, answerMs: 1000 });
    server.misbehave = async (_, frame) => {
      await wait(60);
      return frame;
    };
    const reads = link.read([tag('a', 'h:0'), tag('b', 'h:2'), tag('c', 'h:4')]);
    await wait(5);
    expect(await write(link, rw('late', 'h:6'), 1, epoch(), 20)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('too late'),
    });
    const fromMs = performance.now();
    expect(await write(link, rw('one', 'h:6'), 1, epoch())).toMatchObject({ outcome: 'done' });
    expect(performance.now() - fromMs).toBeLessThan(160);
    expect((await reads).map(({ value }) => value)).toEqual([1, 3, 5]);
    expect(server.writes).toHaveLength(1);
  });
});

describe('SunSpec', () => {
  it('finds a meter, and its tags read scaled power and energy through the roll-over', async () => {
    const meter = await startSunSpecMeter({
      energyScale: 1,
      powerScale: -1,
      serial: 'S-17',
      fromWattHour: (2 ** 32 - 2) * 10,
    });
    ends.push(() => meter.close());
    const { link } = await opened(meter.server.port);
    const found = await findSunSpecMeter(link, { prefix: 'energy/meter-1' });
    expect(found).toMatchObject({ manufacturer: 'Selvedge', serial: 'S-17' });
    expect(found.models.map(({ id, at }) => [id, at])).toEqual([
      [1, 40_002],
      [203, 40_070],
    ]);
    meter.advance(1234.5, 10);
    expect((await link.read(found.tags)).map(({ value }) => value)).toEqual([1234.5, (2 ** 32 - 1) * 10]);
    meter.advance(-20, 25);
    expect((await link.read(found.tags)).map(({ value }) => value)).toEqual([-20, 10]);
    meter.server.registers.set('holding', 40_070 + 18, [0x8000]);
    expect((await link.read(found.tags))[0]).toMatchObject({ quality: 'bad', status: 'not implemented' });
  });

  it('says what is not there', async () => {
    const server = await served();
    const { link } = await opened(server.port);
    await expect(findSunSpecMeter(link, { prefix: 'm' })).rejects.toThrow(/no SunSpec marker/);
  });
});
