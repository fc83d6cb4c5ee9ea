import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandFor, folderOf, follow, KEY, NAMESPACE, pause, tagOf, until } from '../../test/opc-ua/kit.js';
import { arm } from '../guard/armed.js';
import { startOpcUaServer } from './server.js';

const TSHARK = '/usr/bin/tshark';
const why = !existsSync(TSHARK)
  ? 'tshark is not here'
  : process.getuid?.() !== 0
    ? 'capturing needs root'
    : null;
if (why !== null) process.stderr.write(`skip: frames of OPC UA seen by tshark: ${why}\n`);

describe('OPC UA on the wire', () => {
  test.skipIf(why !== null)(
    'tshark takes every frame of a session for OPC UA, and none for malformed',
    async () => {
      const folder = await folderOf('opc-ua-wire');
      const server = await startOpcUaServer({
        port: 0,
        folder: join(folder.path, 'server'),
        namespace: NAMESPACE,
        unsecured: 'accepted',
        tags: [
          { tag: 'x', type: 'double', value: 1, writable: true },
          { tag: 'big', type: 'int64', value: -1n },
          { tag: 'list', type: 'float', array: true, value: [1, 2] },
        ],
      });
      const port = Number(server.endpoint.split(':').at(-1));
      const file = join(folder.path, 'session.pcap');
      const capture = spawn(TSHARK, ['-q', '-i', 'lo', '-f', `tcp port ${port}`, '-w', file], {
        stdio: 'ignore',
      });
      try {
        await until('the capture', () => existsSync(file));
        await pause(1_000);
        const x = tagOf({ tag: 'x', type: 'double', access: 'rw' });
        const tags = [
          x,
          tagOf({ tag: 'big', type: 'int64' }),
          tagOf({ tag: 'list', type: 'float', array: true }),
        ];
        const one = await follow(
          { endpoint: server.endpoint, security: 'None', unsecured: 'accepted', publishMs: 50 },
          join(folder.path, 'client'),
          tags,
        );
        const { epoch } = await one.state('up');
        await one.link.write?.(arm(commandFor('x', 5), epoch, KEY), x);
        await until('the value', () => one.samplesOf('x').some(({ value }) => value === 5));
        for await (const _ of one.link.browse?.('', 100) ?? []) void _;
        await one.link.close();
        await pause(1_000);
      } finally {
        const ended = new Promise((resolve) => capture.once('close', resolve));
        capture.kill('SIGINT');
        await ended;
        await server.close();
      }
      const read = (filter: string, ...fields: string[]) =>
        execFileSync(
          TSHARK,
          [
            '-r',
            file,
            '-d',
            `tcp.port==${port},opcua`,
            '-Y',
            filter,
            '-T',
            'fields',
            ...fields.flatMap((f) => ['-e', f]),
          ],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 },
        )
          .split('\n')
          .filter((line) => line !== '');
      const services = new Set(
        read('opcua.servicenodeid.numeric', 'opcua.servicenodeid.numeric').flatMap((l) => l.split(',')),
      );
      // CreateSession, Read, Write, Browse, TranslateBrowsePaths is not used here; CreateSubscription, CreateMonitoredItems, Publish.
      for (const service of ['461', '631', '673', '527', '787', '751', '826', '829'])
        expect(services, service).toContain(service);
      expect(read('_ws.malformed', 'frame.number')).toEqual([]);
      expect(read('opcua && tcp.len > 0', 'frame.number').length).toBeGreaterThan(20);
      await folder.remove();
    },
    120_000,
  );
});
