import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Connector, Context, Link } from '../contract/connector.js';
import { type Armed, unseal } from '../guard/armed.js';
import { loadConnector } from './built-in.js';
import { machineMs } from './machine-ms.js';
import type { Call, FromChild, ToChild } from './messages.js';

/** The process of one connector: opens it, hands its batches on, and stops when its parent is gone. */

const stop = new AbortController();
const unacknowledged = new Map<number, () => void>();
const secrets = new Map<number, { resolve(value: string): void; reject(error: Error): void }>();
let key: Uint8Array = new Uint8Array();
let link: Link | null = null;
let canWrite = false;
let serial = 0;

const send = (message: FromChild): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
};

function end(code: number): void {
  stop.abort();
  const late = setTimeout(() => process.exit(code), 1500);
  late.unref();
  void Promise.resolve(link?.close())
    .catch(() => {})
    .finally(() => process.exit(code));
}

process.on('disconnect', () => end(0));
// A terminal tells the whole group; the parent says when to stop.
process.on('SIGINT', () => {});
process.on('message', (message: ToChild) => {
  switch (message.say) {
    case 'open':
      void open(message);
      break;
    case 'ack':
      unacknowledged.get(message.batch)?.();
      unacknowledged.delete(message.batch);
      break;
    case 'call':
      void call(message.what).then(
        (value) => send({ say: 'result', id: message.id, value }),
        (error) => send({ say: 'failed', id: message.id, why: String(error) }),
      );
      break;
    case 'secret': {
      const waiting = secrets.get(message.id);
      secrets.delete(message.id);
      if (message.value === null) waiting?.reject(new RangeError(message.why));
      else waiting?.resolve(message.value);
      break;
    }
    case 'close':
      end(0);
      break;
  }
});
send({ say: 'ready' });

async function open(how: Extract<ToChild, { say: 'open' }>): Promise<void> {
  key = how.key;
  beat(how.beatMs);
  let connector: Connector;
  try {
    connector = await loadConnector(how.connector);
    const parsed = connector.manifest.config.safeParse(how.config);
    if (!parsed.success) throw new RangeError(parsed.error.issues.map(({ message }) => message).join('; '));
    link = await connector.open(parsed.data, context(how.folder));
  } catch (error) {
    // What is wrong with the configuration stays wrong; the rest may pass.
    if (error instanceof RangeError) send({ say: 'refused', why: error.message });
    else send({ say: 'log', event: 'open-failed', fields: { why: String(error) } });
    setTimeout(() => process.exit(1), 50);
    return;
  }
  canWrite = connector.manifest.can.has('write') && link.write !== undefined;
  send({ say: 'opened', can: [...connector.manifest.can] });
  void states(link);
  await batches(link, how);
}

async function states(of: Link): Promise<void> {
  for await (const state of of.states()) send({ say: 'state', state });
}

async function batches(
  of: Link,
  { tags }: { tags: Extract<ToChild, { say: 'open' }>['tags'] },
): Promise<void> {
  for await (const { items, ack } of of.batches(tags)) {
    serial += 1;
    unacknowledged.set(serial, () => void ack());
    // It may have waited for earlier ones to be acknowledged.
    const lagMs = Math.max(0, Date.now() - (items.at(-1)?.receivedMs ?? Date.now()));
    send({ say: 'batch', batch: serial, items, lagMs });
  }
}

async function call(what: Call): Promise<unknown> {
  if (link === null) throw new Error('the connector is not open yet');
  switch (what.do) {
    case 'read':
      return link.read(what.tags);
    case 'probe':
      return link.probe();
    case 'publish':
      if (link.publish === undefined) throw new Error('this connector does not publish');
      await link.publish(what.tellings);
      return null;
    case 'browse': {
      const found = [];
      for await (const node of link.browse?.(what.from, what.limit) ?? []) found.push(node);
      return found;
    }
    case 'write': {
      const { id, notAfterMs } = what.sealed.command;
      if (!canWrite || link.write === undefined)
        return { id, outcome: 'refused', why: 'this connector does not write' };
      if (!(machineMs() <= what.untilMs) || !(Date.now() <= notAfterMs))
        return { id, outcome: 'refused', why: 'too late' };
      let armed: Armed;
      try {
        armed = unseal(what.sealed, key);
      } catch (error) {
        return { id, outcome: 'refused', why: String(error) };
      }
      return link.write(armed, what.tag);
    }
  }
}

function context(folder: string): Context {
  return {
    signal: stop.signal,
    nowMs: () => Date.now(),
    steadyMs: () => performance.now(),
    random: Math.random,
    folder,
    secret: (name) =>
      new Promise((resolve, reject) => {
        serial += 1;
        secrets.set(serial, { resolve, reject });
        send({ say: 'secret', id: serial, name });
      }),
    log: (event, fields = {}) => send({ say: 'log', event, fields }),
  };
}

function beat(beatMs: number): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let cpu = process.cpuUsage();
  let atMs = performance.now();
  setInterval(() => {
    const used = process.cpuUsage(cpu);
    const now = performance.now();
    const cpuShare = (used.user + used.system) / 1000 / (now - atMs);
    cpu = process.cpuUsage();
    atMs = now;
    const lagMs = Number.isFinite(delay.max) ? delay.max / 1e6 : 0;
    delay.reset();
    send({ say: 'beat', lagMs, cpuShare, heapBytes: process.memoryUsage().heapUsed });
  }, beatMs);
}
