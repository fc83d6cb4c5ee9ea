import type { Connector, Context, Link, RawItem, Receipt, Tag } from '@selvedge/connect';
import { Changes, CONTRACT_VERSION, Feed, States, stayConnected, writeRefusal } from '@selvedge/connect';
import { z } from 'zod';
import { Line } from './line.js';

const config = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').meta({ description: 'Where the equipment listens.' }),
  port: z.number().int().min(1).max(65_535),
  answerMs: z.number().int().min(10).max(60_000).default(1000).meta({ description: 'Longest silence.' }),
});

/** Equipment that answers lines of text: `GET name` -> `= 12.5`; `SET name 12.5` -> `OK`; anything else is its reason. */
export const connector: Connector<typeof config> = {
  manifest: {
    ...{ contract: CONTRACT_VERSION, protocol: 'line-tcp', config, whenFull: 'waits' },
    can: new Set(['read', 'subscribe', 'write']),
  },
  // Nothing here waits for the equipment: that it is not there is a state.
  open: async (settings, context) => openLink(settings, context),
};

function openLink({ host, port, answerMs }: z.output<typeof config>, context: Context): Link {
  const { nowMs, steadyMs } = context;
  const stop = new AbortController();
  const states = new States();
  const feed = new Feed({ nowMs, whenFull: 'waits' });
  let line: Line | null = null;
  let watched: readonly Tag[] = [];

  /** What one tag holds now, or why nobody knows. */
  async function look(by: Line | null, tag: Tag): Promise<Extract<RawItem, { kind: 'sample' }>> {
    const answer = (await by?.ask(`GET ${tag.address}`, answerMs)) ?? 'no connection';
    const value = answer.startsWith('= ') ? Number(answer.slice(2)) * tag.scale + tag.offset : Number.NaN;
    const about = { kind: 'sample', tag: tag.tag, type: tag.type, atMs: nowMs(), timeFrom: 'edge' } as const;
    if (!Number.isFinite(value)) return { ...about, value: null, quality: 'bad', status: answer };
    return { ...about, value, quality: 'good' };
  }

  /** One connection: reads every tag in turn and tells what changed (at first: all), until it is gone. */
  async function serve(by: Line): Promise<string> {
    line = by;
    const changes = new Changes();
    while (by.open) {
      for (const tag of watched) {
        const now = await look(by, tag);
        if (by.open && changes.take(tag, now)) await feed.push([now]);
      }
      // With nothing to read it asks all the same: silence is how a half-open line shows.
      if (watched.length === 0) await by.ask('PING', answerMs);
      await by.pause(Math.min(1000, ...watched.map(({ sampleMs }) => sampleMs)));
    }
    line = null;
    return by.why;
  }

  const connect = () => Line.connect({ host, port, answerMs, withinMs: 3000, signal: stop.signal });
  const name = `${host}:${port}`;
  const running = stayConnected({ name, connect, serve, states, feed, signal: stop.signal, context });
  async function close(): Promise<void> {
    stop.abort();
    feed.close();
    await running;
    states.close();
  }
  context.signal.addEventListener('abort', () => void close(), { once: true });

  return {
    ...{ close, states: () => states.changes() },
    batches(tags) {
      watched = tags;
      return feed.batches();
    },
    async read(tags) {
      const samples = [];
      for (const tag of tags) samples.push(await look(line, tag));
      const { epoch } = states.now;
      return samples.map((one, sequence) => ({ ...one, receivedMs: nowMs(), epoch, sequence }));
    },
    async probe() {
      const fromMs = steadyMs();
      if (((await line?.ask('PING', answerMs)) ?? null) === null)
        return { ok: false, tookMs: null, why: `no answer: ${states.now.why}` };
      return { ok: true, tookMs: steadyMs() - fromMs, why: 'it answered' };
    },
    async write(armed, tag): Promise<Receipt> {
      const refusal = () => writeRefusal(armed, tag, { state: states.now, nowMs: nowMs() });
      const refused = refusal();
      if (refused !== null) return refused;
      const { id, value } = armed.command;
      const set = `SET ${tag.address} ${(Number(value) - tag.offset) / tag.scale}`;
      // Asked again when its turn comes: a write never waits beyond its time.
      const answer = (await line?.ask(set, answerMs, () => refusal() === null)) ?? null;
      if (answer === 'not sent')
        return { id, outcome: 'refused', why: 'too late, or the connection changed' };
      if (answer === null) return { id, outcome: 'unknown', why: 'sent, and nobody confirmed it' };
      return { id, outcome: answer === 'OK' ? 'done' : 'refused', why: answer, status: answer };
    },
  };
}
