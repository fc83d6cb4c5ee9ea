import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  commandFor,
  type Followed,
  folderOf,
  follow,
  KEY,
  pause,
  tagOf,
  until,
} from '../../test/opc-ua/kit.js';
import {
  PUBLISH_RESPONSE,
  REPUBLISH_REQUEST,
  sequenceAt,
  serviceOf,
  startProxy,
  subscriptionAt,
  type Wire,
  WRITE_REQUEST,
} from '../../test/opc-ua/proxy.js';
import { arm } from '../guard/armed.js';

const PROCESS = fileURLToPath(new URL('../../test/opc-ua/server-process.ts', import.meta.url));
const COUNT = tagOf({ tag: 'count', type: 'uint32' });
const STILL = tagOf({ tag: 'still', type: 'double' });
const SETPOINT = tagOf({ tag: 'setpoint', type: 'double', access: 'rw' });
const TAGS = [COUNT, STILL, SETPOINT];
let folder: { path: string; remove: () => Promise<void> };
let child: ChildProcess;
let port = 0;
let proxy: Wire;
let followed: Followed;

async function startChild(): Promise<void> {
  child = spawn(
    process.execPath,
    ['--conditions=@selvedge/source', '--import', 'tsx', PROCESS, join(folder.path, 'server'), String(port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let out = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  await until('the server process', () => out.includes('\n'), out, 60_000);
  port = Number(/:(\d+)\n/.exec(out)?.[1]);
}

async function connect(more: object = {}): Promise<Followed> {
  proxy = await startProxy(port);
  followed = await follow(
    {
      endpoint: `opc.tcp://127.0.0.1:${proxy.port}`,
      ...{
        security: 'None',
        unsecured: 'accepted',
        longestPauseMs: 2_000,
        probeMs: 200,
        deadlineMs: 1_000,
        publishMs: 50,
      },
      ...more,
    },
    join(folder.path, 'client'),
    TAGS,
  );
  await followed.state('up');
  return followed;
}

/** The values that a tag has in an epoch. */
const valuesIn = (epoch: string, tag: string) =>
  followed.samplesOf(tag).flatMap((one) => (one.epoch === epoch ? [Number(one.value)] : []));

beforeAll(async () => {
  folder = await folderOf('opc-ua-faults');
  await startChild();
});
afterEach(async () => {
  await followed?.link.close();
  await proxy?.close();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await folder?.remove();
});

describe('OPC UA client and faults', () => {
  test('a server that is killed and comes back: down, then another epoch, and every tag is read again', async () => {
    const one = await connect();
    const { epoch } = await one.state('up');
    const armed = arm(commandFor('setpoint', 1, { notAfterMs: Date.now() + 300_000 }), epoch, KEY);
    child.kill('SIGKILL');
    await one.state('down');
    await startChild();
    const again = await until(
      'up again',
      () => one.states.find((s) => s.state === 'up' && s.epoch !== epoch),
      one.states,
    );
    const sweep = one.items.filter((item) => item.epoch === again.epoch).slice(0, TAGS.length);
    expect(sweep.map((item) => item.kind === 'sample' && item.tag)).toEqual(TAGS.map(({ tag }) => tag));
    expect(sweep[0]?.sequence).toBe(0);
    expect(await one.link.write?.(armed, SETPOINT)).toMatchObject({
      outcome: 'refused',
      why: expect.stringContaining('epoch'),
    });
  });

  test('a half-open connection is found by the probe within its deadline, and made anew', async () => {
    const one = await connect();
    const { epoch } = await one.state('up');
    proxy.mode = 'hold';
    const from = performance.now();
    expect(await one.link.probe()).toMatchObject({ ok: false, tookMs: null });
    const down = await one.state('down');
    expect(down.why).toMatch(/no answer within 1000 ms/);
    expect(performance.now() - from).toBeLessThan(5_000);
    proxy.mode = 'pass';
    proxy.cut();
    await until('up again', () => one.states.find((s) => s.state === 'up' && s.epoch !== epoch), one.states);
  });

  test('a slow peer is borne as long as it answers in time', async () => {
    const one = await connect();
    proxy.mode = { lateMs: 300 };
    const before = one.samplesOf('count').length;
    await pause(1_500);
    expect(one.samplesOf('count').length).toBeGreaterThan(before + 5);
    expect((await one.link.probe()).tookMs).toBeGreaterThan(250);
    expect(one.states.some(({ state }) => state === 'down')).toBe(false);
  });

  test('a parcel that is missing is one counted gap and a fresh read; Republish is never asked', async () => {
    const one = await connect();
    const { epoch } = await one.state('up');
    let asked = 0;
    let skip = true;
    proxy.fromClient = (message) => {
      if (serviceOf(message) === REPUBLISH_REQUEST) asked += 1;
    };
    let ahead = 0;
    proxy.fromServer = (message) => {
      if (serviceOf(message) !== PUBLISH_RESPONSE) return;
      if (skip) ahead += 2;
      skip = false;
      const at = sequenceAt(message);
      message.writeUInt32LE(message.readUInt32LE(at) + ahead, at);
    };
    const gap = await until('the gap', () => one.items.find(({ kind }) => kind === 'gap'));
    expect(gap).toMatchObject({ tag: null, missing: null, why: expect.stringContaining('2 parcels'), epoch });
    const after = one.items.indexOf(gap);
    await until('the sweep', () =>
      one.items.slice(after).some((item) => item.kind === 'sample' && item.tag === 'still'),
    );
    await pause(300);
    expect(one.items.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(asked).toBe(0);
  });

  test('values that stop while the server still answers: degraded, and made anew', async () => {
    const one = await connect();
    const { epoch } = await one.state('up');
    // The subscription is silenced: its answers are told to be of another one.
    proxy.fromServer = (message) => {
      if (serviceOf(message) === PUBLISH_RESPONSE) message.writeUInt32LE(0xffff, subscriptionAt(message));
    };
    expect((await one.state('degraded')).why).toMatch(/no values for \d+ ms/);
    proxy.fromServer = () => {};
    await until('up again', () => one.states.find((s) => s.state === 'up' && s.epoch !== epoch), one.states);
  });

  test('a connection lost between sending and confirmation is unknown, and nothing is sent again', async () => {
    const one = await connect();
    const { epoch } = await one.state('up');
    let writes = 0;
    proxy.fromClient = (message) => {
      if (serviceOf(message) !== WRITE_REQUEST) return;
      writes += 1;
      setImmediate(() => {
        proxy.mode = 'hold';
      });
    };
    const receipt = await one.link.write?.(arm(commandFor('setpoint', 8), epoch, KEY), SETPOINT);
    expect(receipt).toMatchObject({ outcome: 'unknown' });
    proxy.mode = 'pass';
    proxy.cut();
    await until('up again', () => one.states.find((s) => s.state === 'up' && s.epoch !== epoch), one.states);
    await pause(300);
    expect(writes).toBe(1);
    expect(await one.link.write?.(arm(commandFor('setpoint', 9), epoch, KEY), SETPOINT)).toMatchObject({
      outcome: 'refused',
    });
    expect(writes).toBe(1);
  });

  test('a peer that cuts every connection is tried again with pauses, and the process lives on', async () => {
    const one = await connect();
    proxy.fromServer = () => proxy.cut();
    proxy.cut();
    await one.state('down');
    const before = proxy.connections;
    await pause(3_000);
    const tries = proxy.connections - before;
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(12);
    proxy.fromServer = () => {};
    const from = one.states.length;
    await one.state('up', from);
    const { epoch } = await one.state('up', from);
    await until('values', () => valuesIn(epoch, 'count').length > 3);
  });
});
