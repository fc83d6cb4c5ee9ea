import { HostedLink, type LinkState, type Sample, tagSchema } from '@selvedge/connect';
import { arm } from '../../packages/connect/src/guard/armed.js';

/** What it prints, one JSON a line. */
export type EchoSays = { readonly up: true } | { readonly fault: string };

/** On a busy machine the start of a connector takes long; nobody waits for it to show that it hangs. */
const PATIENT = { deadMs: 60_000 };

const say = (what: EchoSays): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

/**
 * The bare echo, in a process of its own as a site is: the same connector in the same kind of child, which reads what
 * belongs to a trigger and writes an answer. No journal, no gate, no guard, no read-back: what is slower than this is ours.
 * Arguments: endpoint, namespace, folder, settings of the connector as JSON. Ends with SIGTERM.
 */
async function main([
  endpoint = '',
  namespace = '',
  folder = '',
  settings = '{}',
]: readonly string[]): Promise<void> {
  const tag = (name: string, type: string, access: 'r' | 'rw' = 'r') =>
    tagSchema.parse({ tag: name, address: `nsu=${namespace};s=echo/${name}`, type, access, sampleMs: 20 });
  const cycle = tag('cycle', 'int32');
  const unit = tag('unit', 'string');
  const score = tag('score', 'double');
  const verdict = tag('verdict', 'string', 'rw');
  const stop = new AbortController();
  const key = new Uint8Array(32).fill(7);
  const link = new HostedLink({
    ...{ connector: 'opc-ua', config: { endpoint, ...JSON.parse(settings) }, key, limits: PATIENT },
    tags: [cycle, unit, score, verdict],
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
  });
  process.once('SIGTERM', () => {
    stop.abort();
    void link.close().finally(() => process.exit(0));
  });
  let now: LinkState = { state: 'connecting', why: 'not tried yet', epoch: '' };
  void (async () => {
    for await (const state of link.states()) {
      if (state.state === 'down') say({ fault: `down: ${state.why}` });
      now = state;
    }
  })();
  let last: Sample['value'] = null;
  const answer = async (trigger: Sample): Promise<void> => {
    if (trigger.quality !== 'good' || trigger.value === last) return;
    // The first one is what stands there; only a count that moves on is a trigger.
    const isFirst = last === null;
    last = trigger.value;
    if (isFirst) return say({ up: true });
    const [name] = await link.read([unit, score, cycle]);
    if (name?.quality !== 'good') return say({ fault: `the unit cannot be read: ${name?.status}` });
    const command = {
      ...{ id: `echo-${String(name.value)}`, target: 'verdict', value: `${String(name.value)} pass` },
      ...{ decision: 'echo', release: '', gate: 'echo', notAfterMs: Date.now() + 2000 },
    };
    const { outcome, why } = await link.write(arm(command, now.epoch, key), verdict);
    if (outcome !== 'done') say({ fault: `${outcome}: ${why}` });
  };
  for await (const { items, ack } of link.batches()) {
    for (const item of items) if (item.kind === 'sample' && item.tag === 'cycle') await answer(item);
    await ack();
  }
}

await main(process.argv.slice(2));
