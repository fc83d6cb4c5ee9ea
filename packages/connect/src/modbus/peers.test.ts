import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Tag, tagSchema } from '../contract/tag.js';
import type { Scalar, ScalarType } from '../contract/value.js';
import { arm } from '../guard/armed.js';
import { modbus } from './connector.js';
import { type ModbusServer, startModbusServer } from './server.js';

// Peers that nobody here wrote: pymodbus as the device, mbpoll (libmodbus) as the client, tshark as the witness.

const PYTHON = '/usr/bin/python3';
const run = promisify(execFile);
const skipped = (what: string, there: boolean): boolean => {
  if (!there) process.stderr.write(`skip: ${what} is not on this machine\n`);
  return !there;
};
const has = (code: string): boolean => {
  try {
    execFileSync(PYTHON, ['-c', code], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const noPymodbus = skipped(
  'python3-pymodbus with python3-serial-asyncio',
  has('import pymodbus, serial_asyncio'),
);
const noMbpoll = skipped('mbpoll', existsSync('/usr/bin/mbpoll'));
const mayCapture = existsSync('/usr/bin/tshark') && process.getuid?.() === 0;
const noTshark = skipped('tshark, or the right to capture,', mayCapture);

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const tag = (name: string, address: string, type: ScalarType, more: Partial<Tag> = {}): Tag =>
  tagSchema.parse({ tag: name, address, type, ...more });

async function opened(port: number) {
  const link = await modbus.open(modbus.manifest.config.parse({ host: '127.0.0.1', port }), {
    ...{ signal: new AbortController().signal, folder: '', log: () => {}, random: () => 0.5 },
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    secret: async () => '',
  });
  ends.push(() => link.close());
  for await (const state of link.states()) if (state.state === 'up') return { link, epoch: state.epoch };
  throw new Error('the link ended');
}

async function pymodbus(): Promise<number> {
  const { port, close } = await startModbusServer();
  await close();
  const script = fileURLToPath(new URL('../../test/modbus-pymodbus.py', import.meta.url));
  const child = spawn(PYTHON, [script, String(port)], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  ends.push(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  return port;
}

/** What mbpoll prints of values: `[1]: 12`. */
async function mbpoll(server: ModbusServer, args: readonly string[], values: readonly string[] = []) {
  const { stdout } = await run('/usr/bin/mbpoll', [
    ...['-m', 'tcp', '-p', String(server.port), '-a', '1', '-0', ...(values.length === 0 ? ['-1'] : [])],
    ...[...args, '127.0.0.1', ...(values.length === 0 ? [] : ['--', ...values])],
  ]);
  return [...stdout.matchAll(/^\[\d+\]:\s+(\S+)/gm)].map(([, value]) => value);
}

describe('pymodbus as the device', () => {
  it.skipIf(noPymodbus)(
    'is read in all tables, written, and its exception is kept',
    async () => {
      const { link, epoch } = await opened(await pymodbus());
      const samples = await link.read([
        tag('float', 'holding:40001', 'float'),
        tag('long', 'h:2', 'uint64'),
        tag('far', 'h:299', 'uint16'),
        tag('input', 'i:0', 'int16'),
        tag('scaled', 'input:30002', 'int16', { scale: 0.1 }),
        tag('discrete', 'd:0[4]', 'bool', { array: true }),
        tag('beyond', 'h:5000', 'uint16'),
      ]);
      expect(samples.map(({ value }) => value)).toEqual([
        ...[Math.fround(12345.678), 0x0102030405060708n, 299, -1, 23.5, [true, false, true, true], null],
      ]);
      expect(samples.at(-1)).toMatchObject({ quality: 'bad', status: 'exception 2' });
      const write = async (of: Tag, value: Scalar) => {
        const notAfterMs = Date.now() + 5000;
        const command = {
          id: of.tag,
          target: of.tag,
          value,
          decision: 'd',
          release: 'r',
          gate: 'g',
          notAfterMs,
        };
        const receipt = await link.write?.(arm(command, epoch, new Uint8Array(32)), of);
        return [receipt?.outcome, (await link.read([of]))[0]?.value];
      };
      const rw = { access: 'rw' } as const;
      expect(await write(tag('word', 'h:20', 'uint16', rw), 4711)).toEqual(['done', 4711]);
      expect(await write(tag('double', 'h:30', 'double', { ...rw, wordOrder: 'DCBA' }), -0.125)).toEqual([
        'done',
        -0.125,
      ]);
      expect(await write(tag('coil', 'c:9', 'bool', rw), true)).toEqual(['done', true]);
      expect(await write(tag('none', 'h:5000', 'uint16', rw), 1)).toEqual(['refused', null]);
    },
    20_000,
  );
});

describe('mbpoll as the client of our server', () => {
  it.skipIf(noMbpoll)(
    'reads and writes words, bits and floats, and gets exceptions',
    async () => {
      const server = await startModbusServer({ unitId: 1 });
      ends.push(() => server.close());
      server.registers.set('holding', 0, [7, 65_535, 0x4640, 0xe6b6]);
      server.registers.set('input', 5, [9]);
      server.registers.set('coil', 0, [1, 0, 1, 0]);
      server.registers.set('discrete', 0, [0, 1]);
      expect(await mbpoll(server, ['-t', '4', '-r', '0', '-c', '2'])).toEqual(['7', '65535']);
      expect((await mbpoll(server, ['-t', '4:float', '-B', '-r', '2', '-c', '1'])).map(Number)).toEqual([
        12345.7,
      ]);
      expect(await mbpoll(server, ['-t', '3', '-r', '5', '-c', '1'])).toEqual(['9']);
      expect(await mbpoll(server, ['-t', '0', '-r', '0', '-c', '4'])).toEqual(['1', '0', '1', '0']);
      expect(await mbpoll(server, ['-t', '1', '-r', '0', '-c', '2'])).toEqual(['0', '1']);
      await mbpoll(server, ['-t', '4', '-r', '0'], ['21']);
      await mbpoll(server, ['-t', '4', '-r', '0'], ['31', '32']);
      await mbpoll(server, ['-t', '0', '-r', '1'], ['1']);
      await mbpoll(server, ['-t', '0', '-r', '0'], ['0', '0', '1', '1']);
      expect(server.writes).toMatchObject([
        ...[
          { function: 6, values: [21] },
          { function: 16, values: [31, 32] },
        ],
        ...[
          { function: 5, at: 1, values: [1] },
          { function: 15, values: [0, 0, 1, 1] },
        ],
      ]);
      await expect(mbpoll(server, ['-t', '4', '-r', '100', '-c', '1'])).rejects.toThrow(
        /Illegal data address/,
      );
    },
    20_000,
  );
});

describe('tshark as the witness', () => {
  it.skipIf(noTshark)(
    'finds nothing malformed in what the connector and the server send',
    async () => {
      const server = await startModbusServer({ unitId: 1 });
      ends.push(() => server.close());
      server.registers.set(
        'holding',
        0,
        Array.from({ length: 200 }, (_, i) => i),
      );
      server.registers.set(
        'coil',
        0,
        Array.from({ length: 40 }, (_, i) => i % 2),
      );
      const folder = await mkdtemp(join(tmpdir(), 'modbus-'));
      ends.push(() => rm(folder, { recursive: true }));
      const file = join(folder, 'x.pcap');
      const capture = spawn(
        '/usr/bin/tshark',
        ['-q', '-i', 'lo', '-f', `tcp port ${server.port}`, '-w', file],
        {
          stdio: 'ignore',
        },
      );
      const gone = once(capture, 'exit');
      const sizeOf = () => (existsSync(file) ? statSync(file).size : 0);
      // It captures once the packets of somebody who knocks are in its file; on a busy machine that takes a while.
      for (let size = 0, tries = 0; (size === 0 || sizeOf() <= size) && tries < 100; tries += 1) {
        size ||= sizeOf();
        if (size > 0) await once(createConnection(server.port, '127.0.0.1').end().resume(), 'close');
        await wait(100);
      }
      const { link, epoch } = await opened(server.port);
      const setting = tag('setting', 'h:3', 'float', { access: 'rw' });
      await link.read([tag('all', 'h:0[125]', 'uint16', { array: true }), tag('far', 'h:150', 'double')]);
      await link.read([tag('bits', 'c:0[40]', 'bool', { array: true }), tag('none', 'h:900', 'uint16')]);
      const command = { id: 'w', target: 'setting', value: 2.5, decision: 'd', release: 'r', gate: 'g' };
      const armed = arm({ ...command, notAfterMs: Date.now() + 5000 }, epoch, new Uint8Array(32));
      expect(await link.write?.(armed, setting)).toMatchObject({ outcome: 'done' });
      await link.close();
      for (let size = -1; size !== sizeOf(); await wait(700)) size = sizeOf();
      capture.kill('SIGINT');
      await gone;
      const count = async (filter: string): Promise<number> => {
        const { stdout } = await run('/usr/bin/tshark', [
          '-r',
          file,
          '-d',
          `tcp.port==${server.port},mbtcp`,
          '-Y',
          filter,
        ]);
        return stdout.split('\n').filter((line) => line !== '').length;
      };
      expect(await count('mbtcp')).toBeGreaterThanOrEqual(12);
      expect(await count('modbus.exception_code == 2')).toBe(1);
      expect(await count('modbus.func_code == 16')).toBe(2);
      expect(await count('_ws.malformed')).toBe(0);
    },
    25_000,
  );
});
