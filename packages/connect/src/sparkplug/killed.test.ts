import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BROKERS, eventually, HASTE, Reader, tag, testContext, testFolder } from '../../test/mqtt-kit.js';
import { sparkplugHost } from './host-connector.js';

const speed = tag({ tag: 'speed', address: 'plant/line/cell/speed', type: 'double' });
const MODULE = new URL('./start-edge.ts', import.meta.url).href;

/** An edge node in a process of its own, which counts. */
function edgeProcess(broker: object, folder: string): ChildProcess {
  const script = `
    const { startSparkplugEdge } = await import(${JSON.stringify(MODULE)});
    const edge = startSparkplugEdge({ broker: ${JSON.stringify(broker)}, folder: ${JSON.stringify(folder)},
      group: 'plant', edge: 'line', devices: [{ id: 'cell', metrics: [{ name: 'speed', datatype: 'Double', value: 0 }] }] });
    let n = 0;
    setInterval(() => edge.publish('cell', [{ name: 'speed', value: ++n }]), 10);`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@selvedge/source', '--input-type=module', '-e', script],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

describe.each(BROKERS)('an edge node whose process is killed, over $name', ({ here, start }) => {
  it.skipIf(!here)(
    'is stale by its Will, comes back with the next bdSeq, and no value is missing within an epoch',
    async () => {
      const broker = await start();
      const settings = { ...HASTE, urls: [broker.url], version: broker.version };
      const folder = testFolder();
      const config = sparkplugHost.manifest.config.parse({
        broker: settings,
        hostId: 'H',
        groups: ['plant'],
      });
      const reader = new Reader(await sparkplugHost.open(config, testContext()), [speed]);
      const first = edgeProcess(settings, folder);
      await reader.sample('speed', ({ value }) => Number(value) > 20, 15_000);
      const number = () => readFileSync(join(folder, 'bd-seq'), 'utf8');
      expect(number()).toBe('1\n');
      first.kill('SIGKILL');
      await reader.sample('speed', ({ status }) => status === 'STALE: NDEATH', 5_000);
      await reader.until('down');
      const before = reader.items.length;
      edgeProcess(settings, folder);
      await eventually(() => reader.samples('speed').at(-1)?.quality === 'good', 15_000);
      await reader.until('up');
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const part of [reader.items.slice(0, before), reader.items.slice(before)]) {
        const good = part.flatMap((one) =>
          one.kind === 'sample' && one.quality === 'good' ? [Number(one.value)] : [],
        );
        const jumps = good.slice(1).filter((value, i) => value - (good[i] ?? 0) > 1);
        expect([good.length > 5, jumps]).toEqual([true, []]);
      }
      let epoch = '';
      let next = 0;
      for (const item of reader.items) {
        next = item.epoch === epoch ? next : 0;
        expect([item.epoch, item.sequence]).toEqual([item.epoch, next]);
        epoch = item.epoch;
        next += item.kind === 'gap' ? Math.max(1, item.missing ?? 1) : 1;
      }
    },
  );
});
