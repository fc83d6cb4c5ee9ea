import { createConnection } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeSubject } from '../../template/src/subject.js';
import type { Armed } from '../contract/armed.js';
import type { Receipt } from '../contract/command.js';
import type { Connector, Link } from '../contract/connector.js';
import type { Batch, Item, Sample } from '../contract/item.js';
import { CHECKS, connectorChecks } from './conformance.js';
import type { Subject } from './subject.js';

/** What one hostile connector does otherwise than the template, which is sound. */
interface Hostile {
  /** Of the sentence with which it must fail. */
  readonly says: RegExp;
  readonly manifest?: Partial<Connector['manifest']>;
  /** What is broken of a link of the template. */
  readonly link?: (link: Link, subject: Subject) => Partial<Link>;
  readonly open?: (link: Link) => Promise<Link>;
}

/** A write that asks nobody: straight to the equipment, as soon as it is there. */
async function raw({ config }: Subject, value: unknown): Promise<void> {
  const { port } = config as { port: number };
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = createConnection({ host: '127.0.0.1', port });
    const sent = await new Promise<boolean>((resolve) => {
      socket.once('error', () => resolve(false));
      socket.once('data', () => resolve(true));
      socket.write(`SET setting.value ${Number(value)}\n`);
      setTimeout(() => resolve(socket.bytesWritten > 0 && !socket.connecting), 150);
    });
    socket.destroy();
    if (sent) return;
    await wait(20);
  }
}
const receipt = (armed: Armed, outcome: Receipt['outcome'] = 'done'): Receipt => ({
  ...{ id: armed.command.id, outcome, why: 'hostile' },
});
const ignoring: NonNullable<Hostile['link']> = (_, subject) => ({
  write: async (armed) => {
    await raw(subject, armed.command.value);
    return receipt(armed);
  },
});

async function* each<T>(of: AsyncIterable<T>, change: (one: T) => T | null | Promise<T | null>) {
  for await (const one of of) {
    const changed = await change(one);
    if (changed !== null) yield changed;
  }
}
const batches =
  (change: (items: readonly Item[]) => readonly Item[]) =>
  (link: Link): Partial<Link> => ({
    batches: (tags) =>
      each(link.batches(tags), (batch) => ({ items: change(batch.items), ack: () => batch.ack() })),
  });
const samples = (change: (sample: Sample) => Sample | null) =>
  batches((items) =>
    items.map((item) => (item.kind === 'sample' ? change(item) : item)).filter((item) => item !== null),
  );
const neverEnds = { states: (link: Link) => ({ states: () => forever(link.states()) }) };
async function* forever<T>(of: AsyncIterable<T>): AsyncGenerator<T> {
  yield* of;
  await new Promise(() => {});
}

/** One for each check, by its name: what breaks it. */
const HOSTILE: Readonly<Record<string, Hostile>> = {
  'contract: the manifest says what the connector is': {
    says: /does not exist/,
    manifest: { config: z.looseObject({ port: z.number(), answerMs: z.number() }) },
  },
  'absent: a peer that is not there is a state, not an error': {
    says: /nobody is there/,
    open: async (link) => {
      if ((await link.probe()).ok) return link;
      await link.close();
      throw new Error('nobody is there');
    },
  },
  'absent: a peer that comes later is found': {
    says: /was not up/,
    // It tries once.
    link: (link) => {
      void wait(100).then(async () => (await link.probe()).ok || link.close());
      return {};
    },
  },
  'samples: type, times and epoch come with every value': {
    says: /another epoch/,
    link: samples((one) => ({ ...one, epoch: '' })),
  },
  'sequence: numbers run from 0 without a gap': {
    says: /where 6 was due/,
    link: samples((one) =>
      one.epoch !== '' && one.sequence >= 6 ? { ...one, sequence: one.sequence + 1 } : one,
    ),
  },
  'bad tag: a tag that cannot be read takes no other along': {
    says: /no such sample of spoilt/,
    link: batches((items) =>
      items.some((one) => one.kind === 'sample' && one.quality === 'bad') ? [] : items,
    ),
  },
  'read: one sample for each tag, in their order, a bad one among them': {
    says: /another order/,
    link: (link) => ({
      read: async (tags) => [...(await link.read(tags))].sort((a, b) => (a.tag < b.tag ? -1 : 1)),
    }),
  },
  'read: calls at the same time are all answered': {
    says: /busy/,
    link: (link) => {
      let busy = false;
      return {
        read: async (tags) => {
          if (busy) throw new Error('busy');
          busy = true;
          return link.read(tags).finally(() => {
            busy = false;
          });
        },
      };
    },
  },
  'reconnect: a new epoch, and every tag is told in full': {
    says: /no such sample of steady/,
    // Tells after a reconnect only what differs from before.
    link: (link) => {
      const told = new Map<string, unknown>();
      return samples((one) => {
        if (one.quality === 'good' && told.get(one.tag) === one.value) return null;
        if (one.quality === 'good') told.set(one.tag, one.value);
        return one;
      })(link);
    },
  },
  'acknowledgement: what is not acknowledged holds the link up, or is counted': {
    says: /without an acknowledgement/,
    link: (link) => ({
      batches: (tags) =>
        each(link.batches(tags), async (batch): Promise<Batch> => {
          await batch.ack();
          return batch;
        }),
    }),
  },
  'probe: asks the peer, and says how long it took': {
    says: /never tried/,
    link: () => ({ probe: async () => ({ ok: false, tookMs: null, why: 'never tried' }) }),
  },
  'probe: a dead peer fails it in time': {
    says: /probe did not end/,
    link: () => ({ probe: () => new Promise(() => {}) }),
  },
  'probe: a peer that answers no more fails it in time': {
    says: /does not ask the peer/,
    link: () => ({ probe: async () => ({ ok: true, tookMs: 0, why: 'the library says so' }) }),
  },
  'liveness: a killed peer is told': {
    says: /is gone/,
    link: (link) => ({ states: () => each(link.states(), (one) => (one.state === 'down' ? null : one)) }),
  },
  'liveness: a half-open line is found without a call': {
    says: /is gone/,
    link: (link) => ({ states: () => each(link.states(), (one) => (one.state === 'down' ? null : one)) }),
  },
  'close: may be called twice, and ends what is iterated': { says: /did not end/, link: neverEnds.states },
  'close: ends while the peer is away': {
    says: /close did not end/,
    link: () => ({ close: () => new Promise(() => {}) }),
  },
  'close: an aborted signal closes the link': { says: /did not end/, link: neverEnds.states },
  'close: nothing is left that keeps the process alive': {
    says: /still: Timeout/,
    link: (link) => {
      const timer = setInterval(() => {}, 1000);
      left.push(timer);
      return { close: () => link.close() };
    },
  },
  'write: an armed command reaches the equipment once': {
    says: /\[321,321\]/,
    link: (link, subject) => ({
      write: async (armed, tag) => {
        await raw(subject, armed.command.value);
        return link.write?.(armed, tag) ?? receipt(armed, 'refused');
      },
    }),
  },
  'write: what no guard armed is refused': { says: /no guard armed was done/, link: ignoring },
  'write: what was armed under another epoch is refused': { says: /former epoch was done/, link: ignoring },
  'write: what is past its notAfterMs is refused': { says: /notAfterMs was done/, link: ignoring },
  'write: what lies outside the range of the tag is refused': {
    says: /outside the range was done/,
    link: ignoring,
  },
  'write: a tag that is only read, or another than the command names, is refused': {
    says: /access r was done/,
    link: ignoring,
  },
  'write: without a connection it is refused, and not kept for later': {
    says: /\[326\] instead/,
    // Stored and forwarded.
    link: (_, subject) => ({
      write: async (armed) => {
        void raw(subject, armed.command.value);
        return receipt(armed, 'refused');
      },
    }),
  },
  'write: a connection lost before the confirmation is unknown, and it is not sent again': {
    says: /\[327,327\]/,
    link: (link, subject) => ({
      write: async (armed, tag) => {
        const first = (await link.write?.(armed, tag)) ?? receipt(armed, 'refused');
        if (first.outcome === 'unknown') await raw(subject, armed.command.value);
        return first;
      },
    }),
  },
  'write: a peer that does not answer ends it in time': {
    says: /nobody confirmed was done/,
    link: (_, subject) => ({
      write: async (armed) => {
        await raw(subject, armed.command.value);
        return receipt(armed);
      },
    }),
  },
  'write: a closed link refuses': { says: /closed link was done/, link: ignoring },
};

const left: NodeJS.Timeout[] = [];

async function broken({
  manifest = {},
  link: change = () => ({}),
  open,
}: Omit<Hostile, 'says'>): Promise<Subject> {
  const subject = await makeSubject();
  const { connector } = subject;
  return {
    ...subject,
    connector: {
      manifest: { ...connector.manifest, ...manifest },
      async open(config, context) {
        const link = await connector.open(config, context);
        if (open !== undefined) return open(link);
        const changed = change(link, subject);
        // Not a copy: methods of the template may be any object's.
        return {
          states: () => (changed.states ?? link.states).call(link),
          batches: (tags) => (changed.batches ?? link.batches).call(link, tags),
          read: (tags) => (changed.read ?? link.read).call(link, tags),
          probe: () => (changed.probe ?? link.probe).call(link),
          write: (armed, tag) =>
            (changed.write ?? link.write)?.call(link, armed, tag) ?? Promise.reject(new Error('no write')),
          close: () => (changed.close ?? link.close).call(link),
        };
      },
    },
  };
}

describe('the suite of conformance', () => {
  it('has a hostile connector for each check', () => {
    expect(Object.keys(HOSTILE).sort()).toEqual([...CHECKS].sort());
  });

  const quick = { upMs: 4000, downMs: 1500, callMs: 1200, changeMs: 1500, mostUnacknowledged: 8 };
  for (const [name, { says, ...hostile }] of Object.entries(HOSTILE)) {
    it(`fails one that breaks "${name}"`, async () => {
      const check = connectorChecks({
        name: 'hostile',
        limits: quick,
        make: () => broken(hostile),
      }).find((one) => one.name === name);
      await expect(check?.run()).rejects.toThrow(says);
      for (const timer of left.splice(0)) clearInterval(timer);
    });
  }

  it('refuses a skip without a reason, and one of a check that does not exist', () => {
    const make = makeSubject;
    expect(() => connectorChecks({ name: 'x', make, skip: [{ reason: '', tests: ['probe'] }] })).toThrow(
      /reason/,
    );
    expect(() => connectorChecks({ name: 'x', make, skip: [{ reason: 'r', tests: ['no such'] }] })).toThrow(
      /no such/,
    );
    const [first] = connectorChecks({ name: 'x', make, skip: [{ reason: 'r', tests: ['contract'] }] });
    expect(first?.skip).toBe('r');
  });
});
