import type { Connector, Context, Link, RawItem, Receipt, Sample, Tag } from '@selvedge/connect';
import { Backoff, CONTRACT_VERSION, Feed, States, sameValue, writeRefusal } from '@selvedge/connect';
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
  const { nowMs, steadyMs, random, signal } = context;
  const states = new States();
  const feed = new Feed({ nowMs, whenFull: 'waits' });
  const stop = new AbortController();
  let line: Line | null = null;
  let watched: readonly Tag[] = [];

  /** One tag of one connection: what it holds, or why nobody knows. */
  async function look(by: Line | null, tag: Tag): Promise<Extract<RawItem, { kind: 'sample' }>> {
    const answer = (await by?.ask(`GET ${tag.address}`, answerMs)) ?? 'no connection';
    const raw = answer.startsWith('= ') ? Number(answer.slice(2)) * tag.scale + tag.offset : Number.NaN;
    const about = { kind: 'sample', tag: tag.tag, type: tag.type, atMs: nowMs(), timeFrom: 'edge' } as const;
    return Number.isFinite(raw)
      ? { ...about, value: raw, quality: 'good' }
      : { ...about, value: null, quality: 'bad', status: answer };
  }

  /** Reads every tag in turn until the connection is gone, and tells what changed; at first, all. */
  async function poll(by: Line): Promise<void> {
    const told = new Map<string, RawItem & Pick<Sample, 'value' | 'status'>>();
    while (by.open) {
      const fromMs = steadyMs();
      for (const tag of watched) {
        const now = await look(by, tag);
        const before = told.get(tag.tag);
        if (!by.open || (before && sameValue(before.value, now.value) && before.status === now.status))
          continue;
        told.set(tag.tag, now);
        await feed.push([now]);
      }
      // With nothing to read it asks all the same: silence is how a half-open line shows.
      if (watched.length === 0) await by.ask('PING', answerMs);
      const everyMs = Math.min(1000, ...watched.map(({ sampleMs }) => sampleMs));
      await by.pause(Math.max(1, everyMs - (steadyMs() - fromMs)));
    }
  }

  async function run(): Promise<void> {
    const backoff = new Backoff({ random, firstMs: 100, longestMs: 5000 });
    for (let count = 1; !stop.signal.aborted; count += 1) {
      const by = await Line.connect({ host, port, withinMs: 3000, signal: stop.signal });
      if ((await by.ask('PING', answerMs)) !== null) {
        backoff.reset();
        line = by;
        const epoch = `${host}:${port}/${count}/${nowMs()}`;
        feed.begin(epoch);
        states.set('up', 'it answers', epoch);
        await poll(by);
        line = null;
      }
      states.set('down', by.why);
      await backoff.pause(stop.signal);
    }
  }
  const running = run();

  async function close(): Promise<void> {
    stop.abort();
    feed.close();
    await running;
    states.close();
  }
  signal.addEventListener('abort', () => void close(), { once: true });

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
      const answer = (await line?.ask('PING', answerMs)) ?? null;
      return answer === null
        ? { ok: false, tookMs: null, why: `no answer: ${states.now.why}` }
        : { ok: true, tookMs: steadyMs() - fromMs, why: 'it answered' };
    },
    async write(armed, tag): Promise<Receipt> {
      const by = line;
      const refusal = () => writeRefusal(armed, tag, { state: states.now, nowMs: nowMs() });
      const refused = refusal();
      if (refused !== null || by === null)
        return refused ?? { id: armed.command.id, outcome: 'refused', why: 'no connection' };
      const { id, value } = armed.command;
      // Asked again when its turn comes: a write never waits beyond its time.
      const raw = (Number(value) - tag.offset) / tag.scale;
      const answer = await by.ask(`SET ${tag.address} ${raw}`, answerMs, () => refusal() === null);
      if (answer === 'not sent')
        return { id, outcome: 'refused', why: 'too late, or the connection changed' };
      if (answer === null) return { id, outcome: 'unknown', why: 'sent, and nobody confirmed it' };
      return { id, outcome: answer === 'OK' ? 'done' : 'refused', why: answer, status: answer };
    },
  };
}
