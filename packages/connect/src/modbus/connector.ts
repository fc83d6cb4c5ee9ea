import { z } from 'zod';
import type { Armed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import {
  CONTRACT_VERSION,
  type Connector,
  type Context,
  type Link,
  type Probe,
} from '../contract/connector.js';
import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { Changes } from '../kit/changes.js';
import { Feed } from '../kit/feed.js';
import { States } from '../kit/states.js';
import { stayConnected } from '../kit/stay-connected.js';
import { timeLeft, writeRefusal } from '../kit/write-refusal.js';
import { placeOf } from './address.js';
import { encode } from './codec.js';
import { bad, type RawSample, statusOf, TagReader } from './samples.js';
import { type Request, Wire } from './wire.js';

const config = z.strictObject({
  host: z.string().min(1).max(255).meta({ description: 'Name or address of the device or gateway.' }),
  port: z.number().int().min(1).max(65_535).default(502),
  unitId: z
    .number()
    .int()
    .min(0)
    .max(255)
    .default(1)
    .meta({ description: 'Unit that is asked where an address names none (`h:0@3` names 3).' }),
  connectMs: z.number().int().min(100).max(60_000).default(3000),
  answerMs: z.number().int().min(20).max(60_000).default(1000).meta({
    description: 'An answer later than this does not count. Two in a row: the connection is made anew.',
  }),
  mostRegisters: z
    .number()
    .int()
    .min(1)
    .max(125)
    .default(125)
    .meta({ description: 'Registers in one request; some devices take fewer.' }),
  mostGap: z
    .number()
    .int()
    .min(0)
    .max(124)
    .default(8)
    .meta({ description: 'Registers between two tags that are read in vain to save a request.' }),
  writeMultiple: z
    .boolean()
    .default(false)
    .meta({ description: 'Writes one value with function 15 or 16, for devices that have no 5 and 6.' }),
  probe: z
    .string()
    .refine((address) => typeof placeOf({ address, type: 'uint16', array: false }) !== 'string', {
      message: 'write the address of one register: h:0',
    })
    .default('h:0')
    .meta({
      description: 'Register that is read to see whether the peer answers; an exception is an answer too.',
    }),
});

type Config = z.output<typeof config>;

/** Modbus TCP. No encryption and no names: it belongs into the same zone as the machine. */
export const modbus: Connector<typeof config> = {
  manifest: {
    ...{ contract: CONTRACT_VERSION, protocol: 'modbus', config, whenFull: 'waits' },
    can: new Set(['read', 'subscribe', 'write']),
  },
  open: async (settings, context) => new ModbusLink(settings, context),
};

/** Without a tag to read the peer is asked so often whether it is still there. */
const QUIET_MS = 2000;

class ModbusLink implements Link {
  readonly #config: Config;
  readonly #context: Context;
  readonly #states = new States();
  readonly #feed: Feed;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #now: { readonly wire: Wire; readonly reader: TagReader } | null = null;
  #watched: readonly Tag[] = [];

  constructor(settings: Config, context: Context) {
    this.#config = settings;
    this.#context = context;
    this.#feed = new Feed({ nowMs: context.nowMs, whenFull: 'waits' });
    const { host, port } = settings;
    this.#running = stayConnected({
      ...{ name: `${host}:${port}`, states: this.#states, feed: this.#feed, context },
      signal: this.#stop.signal,
      connect: () => this.#connect(),
      serve: (wire) => this.#serve(wire),
    });
    const close = () => void this.close();
    context.signal.addEventListener('abort', close, { once: true });
    if (context.signal.aborted) close();
  }

  states() {
    return this.#states.changes();
  }

  batches(tags: readonly Tag[]) {
    this.#watched = tags;
    return this.#feed.batches();
  }

  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    const { nowMs } = this.#context;
    const { epoch, why } = this.#states.now;
    const raw = this.#now
      ? await this.#now.reader.read(tags)
      : tags.map((tag) => bad(tag, `no connection: ${why}`, nowMs()));
    return raw.map((one, sequence) => ({ ...one, receivedMs: nowMs(), epoch, sequence }));
  }

  async probe(): Promise<Probe> {
    if (this.#now === null) return { ok: false, tookMs: null, why: `no connection: ${this.#states.now.why}` };
    const fromMs = this.#context.steadyMs();
    const fault = await this.#ask(this.#now.wire);
    return fault === null
      ? { ok: true, tookMs: this.#context.steadyMs() - fromMs, why: 'it answered' }
      : { ok: false, tookMs: null, why: fault };
  }

  async write(armed: Armed, tag: Tag): Promise<Receipt> {
    const by = this.#now;
    const { nowMs } = this.#context;
    const refusal = () => writeRefusal(armed, tag, { state: this.#states.now, nowMs: nowMs() });
    const early = refusal();
    if (early !== null) return early;
    const { id, value } = armed.command;
    const refused = (why: string): Receipt => ({ id, outcome: 'refused', why });
    if (by === null) return refused('no connection');
    const place = placeOf(tag);
    if (typeof place === 'string') return refused(place);
    const { table, at, bit, unit, size } = place;
    if (table === 'discrete' || table === 'input') return refused(`a ${table} cannot be written`);
    // To change a bit would mean to write fifteen others as they were a moment ago.
    if (bit !== null) return refused('a bit of a register cannot be written alone');
    let request: Request;
    if (table === 'coil') {
      if (typeof value !== 'boolean') return refused('not a bool');
      request = { do: 'coils', at, bits: [value], many: this.#config.writeMultiple };
    } else {
      const bytes = encode(value, tag, place);
      if (!Buffer.isBuffer(bytes)) return refused(bytes.fault);
      request = { do: 'registers', at, bytes, many: size > 1 || this.#config.writeMultiple };
    }
    const leftMs = timeLeft(armed.command, this.#context);
    const reply = await by.wire.urgent(unit ?? this.#config.unitId, request, () =>
      !(leftMs() >= 0) ? 'too late: notAfterMs has passed' : (refusal()?.why ?? null),
    );
    switch (reply.is) {
      case 'answer':
        return { id, outcome: 'done', why: 'it confirmed the write' };
      case 'exception':
        return { ...refused('it refused the write'), status: statusOf(reply) };
      case 'not-sent':
        return refused(reply.why);
      default:
        return { id, outcome: 'unknown', why: `sent, and not confirmed: ${reply.why}`, status: reply.why };
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#feed.close();
    await this.#running;
    this.#states.set('down', 'closed');
    this.#states.close();
  }

  async #connect(): Promise<Wire> {
    const { host, port, connectMs, answerMs } = this.#config;
    const { steadyMs } = this.#context;
    const wire = await Wire.open({ host, port, connectMs, answerMs, steadyMs, signal: this.#stop.signal });
    const fault = await this.#ask(wire);
    if (fault === null) return wire;
    wire.close(fault);
    throw new Error(fault);
  }

  /** Why the peer does not answer; null where it does, be it with an exception. */
  async #ask(wire: Wire): Promise<string | null> {
    const place = placeOf({ address: this.#config.probe, type: 'uint16', array: false });
    if (typeof place === 'string') return place;
    const { table, at, size, unit } = place;
    const reply = await wire.urgent(unit ?? this.#config.unitId, { do: 'read', table, at, size });
    return reply.is === 'answer' || reply.is === 'exception' ? null : statusOf(reply);
  }

  async #serve(wire: Wire): Promise<string> {
    const reader = new TagReader(wire, { ...this.#config, nowMs: this.#context.nowMs });
    this.#now = { wire, reader };
    try {
      await this.#poll(wire, reader);
    } finally {
      this.#now = null;
      const { nowMs } = this.#context;
      void this.#feed.push(this.#watched.map((tag) => bad(tag, `no connection: ${wire.why}`, nowMs())));
      wire.close('the link goes on');
    }
    return wire.why;
  }

  /** Reads each tag every `sampleMs`; what is due at the same time shares its requests, and what is late is left out. */
  async #poll(wire: Wire, reader: TagReader): Promise<void> {
    const { steadyMs } = this.#context;
    const changes = new Changes();
    const dueMs = new Map<string, number>();
    const faults = new Map<string, string>();
    while (wire.open) {
      const now = steadyMs();
      const due = this.#watched.filter(({ tag }) => (dueMs.get(tag) ?? 0) <= now);
      for (const { tag, sampleMs } of due) {
        const next = (dueMs.get(tag) ?? now) + sampleMs;
        dueMs.set(tag, next > now ? next : now + sampleMs);
      }
      if (due.length > 0) {
        const samples = await reader.read(due);
        if (!wire.open) return;
        await this.#tell(due, samples, { changes, faults });
      } else if (wire.quietMs > QUIET_MS) {
        await this.#ask(wire);
      }
      const nextMs = Math.min(...this.#watched.map(({ tag }) => dueMs.get(tag) ?? 0), steadyMs() + 100);
      await wire.pause(Math.max(0, nextMs - steadyMs()));
    }
  }

  async #tell(
    tags: readonly Tag[],
    samples: readonly RawSample[],
    { changes, faults }: { changes: Changes; faults: Map<string, string> },
  ): Promise<void> {
    const news: RawSample[] = [];
    for (const [i, tag] of tags.entries()) {
      const sample = samples[i];
      if (sample === undefined) continue;
      if (sample.quality === 'bad') faults.set(tag.tag, sample.status ?? '');
      else faults.delete(tag.tag);
      if (changes.take(tag, sample)) news.push(sample);
    }
    const [first] = faults;
    if (first === undefined) this.#states.set('up', 'it answers');
    else this.#states.set('degraded', `${faults.size} tags cannot be read, ${first[0]}: ${first[1]}`);
    await this.#feed.push(news);
  }
}
