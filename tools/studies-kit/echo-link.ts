import { mkdir } from 'node:fs/promises';
import { HostedLink, type Sample, tagSchema } from '@selvedge/connect';
import { arm } from '../../packages/connect/src/guard/armed.js';

export interface EchoOptions {
  readonly endpoint: string;
  readonly namespace: string;
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The bare echo: the same connector in the same kind of process, which reads what belongs to a trigger and writes an answer.
 * No journal, no gate, no guard, no read-back: what is slower than this is ours.
 */
export async function openEcho({
  endpoint,
  namespace,
  folder,
  settings,
}: EchoOptions): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const tag = (name: string, type: string, access: 'r' | 'rw' = 'r') =>
    tagSchema.parse({ tag: name, address: `nsu=${namespace};s=echo/${name}`, type, access, sampleMs: 20 });
  const tags = [
    tag('cycle', 'int32'),
    tag('unit', 'string'),
    tag('score', 'double'),
    tag('verdict', 'string', 'rw'),
  ];
  const [cycle, unit, score, verdict] = tags as [
    (typeof tags)[0],
    (typeof tags)[0],
    (typeof tags)[0],
    (typeof tags)[0],
  ];
  const stop = new AbortController();
  const key = new Uint8Array(32).fill(7);
  const link = new HostedLink({
    ...{ connector: 'opc-ua', config: { endpoint, ...settings }, tags, key },
    context: {
      ...{
        signal: stop.signal,
        nowMs: Date.now,
        steadyMs: () => performance.now(),
        random: Math.random,
        folder,
      },
      secret: (name) => Promise.reject(new Error(`there is no secret ${name}`)),
      log: () => {},
    },
    onBeat: () => {},
  });
  let epoch = '';
  const states = (async () => {
    for await (const state of link.states()) epoch = state.epoch;
  })();
  let last: Sample['value'] = null;
  const batches = (async () => {
    for await (const { items, ack } of link.batches()) {
      for (const item of items) {
        if (item.kind !== 'sample' || item.tag !== 'cycle' || item.value === last) continue;
        last = item.value;
        const [name] = await link.read([unit, score, cycle]);
        if (name?.quality !== 'good' || name.value === '') continue;
        const command = {
          ...{ id: `echo-${String(name.value)}`, target: 'verdict', value: `${String(name.value)} pass` },
          ...{ decision: 'echo', release: '', gate: 'echo', notAfterMs: Date.now() + 2000 },
        };
        await link.write(arm(command, epoch, key), verdict);
      }
      await ack();
    }
  })();
  return async () => {
    stop.abort();
    await link.close();
    await Promise.allSettled([states, batches]);
  };
}
