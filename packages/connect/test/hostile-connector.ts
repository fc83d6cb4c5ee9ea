import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Connector, Feed, isArmed, States } from '../src/index.js';

/**
 * Counts upwards, and does harm when a tag of that name is read: `crash`, `spin`, `stall`, `hang`, `leak`, `nonsense`,
 * `blab` (dies with its secret on its lips), `shuffle` (answers backwards, without the first). `environment` is what it
 * inherited. Writes land in a file.
 */
export const connector: Connector = {
  manifest: {
    contract: 1,
    protocol: 'hostile',
    can: new Set(['read', 'subscribe', 'write']),
    config: z.strictObject({ everyMs: z.number().default(20), secret: z.string().optional() }),
    whenFull: 'waits',
  },
  async open(rawConfig, { nowMs, folder, secret }) {
    const config = rawConfig as { everyMs: number; secret?: string };
    const feed = new Feed({ nowMs, whenFull: 'waits' });
    const states = new States();
    const epoch = `run:${process.pid}`;
    feed.begin(epoch);
    states.set('up', config.secret === undefined ? 'fine' : await secret(config.secret), epoch);
    let count = 0;
    let nonsense = false;
    let timer: NodeJS.Timeout | undefined;
    const sample = (tag: string, value: number | string | null) => ({
      ...{ kind: 'sample' as const, tag, value, type: 'double' as const, quality: 'good' as const },
      ...{ atMs: nowMs(), timeFrom: 'edge' as const },
    });
    return {
      async *states() {
        for await (const state of states.changes()) yield nonsense ? (null as never) : state;
      },
      batches(tags) {
        const tick = async (): Promise<void> => {
          count += 1;
          await feed.push(tags.map(({ tag }) => sample(tag, count)));
          timer = setTimeout(() => void tick(), config.everyMs);
        };
        void tick();
        return feed.batches();
      },
      async read(tags) {
        for (const { tag } of tags) await harm(tag);
        nonsense = tags.some(({ tag }) => tag === 'nonsense');
        if (nonsense) states.set('degraded', 'nonsense follows');
        if (tags.some(({ tag }) => tag === 'blab')) {
          const known = await secret(config.secret ?? '');
          process.stderr.write(`Error: no login at mqtt://me:${known}@host with ${known}\n`, () =>
            process.exit(1),
          );
          await new Promise(() => {});
        }
        const answers = tags.map(({ tag }, sequence) => ({
          ...sample(tag, tag === 'environment' ? JSON.stringify(process.env) : count),
          receivedMs: nowMs(),
          epoch,
          sequence,
        }));
        return tags.some(({ tag }) => tag === 'shuffle') ? answers.slice(1).reverse() : answers;
      },
      probe: async () => ({ ok: true, tookMs: 0, why: '' }),
      async write(armed, tag) {
        const { id } = armed.command;
        if (!isArmed(armed)) return { id, outcome: 'refused', why: 'not armed' };
        if (armed.epoch !== epoch) return { id, outcome: 'refused', why: 'another epoch' };
        appendFileSync(join(folder, 'written'), `${id}\n`);
        await harm(tag.tag);
        return { id, outcome: 'done', why: '' };
      },
      async close() {
        clearTimeout(timer);
        feed.close();
        states.close();
      },
    };
  },
};

const kept: unknown[] = [];

async function harm(tag: string): Promise<void> {
  if (tag === 'crash') setImmediate(() => JSON.parse('{'));
  if (tag === 'crash' || tag === 'hang') await new Promise(() => {});
  if (tag === 'spin') for (;;);
  if (tag === 'stall') for (const fromMs = performance.now(); performance.now() < fromMs + 700; );
  if (tag === 'leak')
    setInterval(() => {
      for (let i = 0; i < 200_000; i += 1) kept.push({ i });
    }, 20);
}
