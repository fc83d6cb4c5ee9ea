import type { Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import type { RawItem } from '../kit/feed.js';
import { sampleType } from '../kit/scaling.js';
import { type Place, placeOf } from './address.js';
import { decode } from './codec.js';
import { type Block, plan, type Span } from './plan.js';
import type { Reply, Wire } from './wire.js';

export type RawSample = Extract<RawItem, { kind: 'sample' }>;

export interface ReadOptions {
  readonly unitId: number;
  readonly mostRegisters: number;
  readonly mostGap: number;
  readonly nowMs: () => number;
}

/** Reads tags over one connection in as few requests as the peer lets it. */
export class TagReader {
  readonly #wire: Wire;
  readonly #o: ReadOptions;
  /** By address: what the peer refused in one request with others, and gave (or refused) alone. */
  readonly #alone = new Set<string>();

  constructor(wire: Wire, options: ReadOptions) {
    this.#wire = wire;
    this.#o = options;
  }

  /** One for each tag, in their order. */
  async read(tags: readonly Tag[]): Promise<RawSample[]> {
    const found = new Map<number, RawSample>();
    const spans: Span<number>[] = [];
    for (const [i, tag] of tags.entries()) {
      const place = placeOf(tag);
      if (typeof place === 'string') found.set(i, bad(tag, place, this.#o.nowMs()));
      else spans.push({ of: i, place });
    }
    const alone = new Set([...tags.keys()].filter((i) => this.#alone.has(keyOf(tags[i]))));
    for (const block of plan(spans, { ...this.#o, alone })) {
      const reply = await this.#ask(block);
      if (reply.is === 'exception' && OF_ONE.has(reply.code) && block.spans.length > 1)
        await this.#each(block, { tags, found });
      else this.#put(block, reply, { tags, found });
    }
    return tags.map((tag, i) => found.get(i) ?? bad(tag, 'not read', this.#o.nowMs()));
  }

  /** What was refused together is asked for one by one, now and from now on: one bad address takes no other along. */
  async #each(block: Block<number>, into: Into): Promise<void> {
    const { table, unit } = block;
    for (const span of block.spans) {
      this.#alone.add(keyOf(into.tags[span.of]));
      const { at, size } = span.place;
      const one: Block<number> = { table, unit, at, size, spans: [span] };
      this.#put(one, await this.#ask(one), into);
    }
  }

  #ask({ unit, table, at, size }: Block<number>): Promise<Reply> {
    return this.#wire.read(unit, table, { at, size });
  }

  #put(block: Block<number>, reply: Reply, { tags, found }: Into): void {
    const nowMs = this.#o.nowMs();
    for (const { of, place } of block.spans) {
      const tag = tags[of];
      if (tag === undefined) continue;
      found.set(
        of,
        reply.is === 'answer'
          ? good(tag, place, { block, bytes: reply.bytes, nowMs })
          : bad(tag, statusOf(reply), nowMs),
      );
    }
  }
}

/** Function, address, quantity, device failure: may be one register's matter. Busy and gateway are the whole device's. */
const OF_ONE = new Set([1, 2, 3, 4]);

interface Into {
  readonly tags: readonly Tag[];
  readonly found: Map<number, RawSample>;
}

const keyOf = (tag: Tag | undefined): string => `${tag?.address} ${tag?.type}`;

/** The protocol's own word for what became of a request. */
export function statusOf(reply: Exclude<Reply, { is: 'answer' }>): string {
  return reply.is === 'exception' ? `exception ${reply.code}` : reply.why;
}

export function bad(tag: Tag, status: string, nowMs: number): RawSample {
  return {
    ...{ kind: 'sample', tag: tag.tag, type: sampleType(tag), value: null, quality: 'bad' },
    ...{ status, atMs: nowMs, timeFrom: 'edge' },
  };
}

function good(
  tag: Tag,
  place: Place,
  { block, bytes, nowMs }: { block: Block<number>; bytes: Buffer; nowMs: number },
): RawSample {
  const from = place.at - block.at;
  const bits = place.table === 'coil' || place.table === 'discrete';
  const own = bits
    ? bytes.subarray(from, from + place.size)
    : bytes.subarray(2 * from, 2 * (from + place.size));
  if (own.length < (bits ? place.size : 2 * place.size)) return bad(tag, 'too few values came', nowMs);
  const asBits = () => {
    const all = [...own].map((bit) => bit === 1);
    return { value: tag.array ? all : all[0] === true };
  };
  const decoded = bits ? asBits() : decode(own, tag, place);
  if ('fault' in decoded) return bad(tag, decoded.fault, nowMs);
  const about: Omit<Sample, 'quality' | 'receivedMs' | 'epoch' | 'sequence'> = {
    ...{
      kind: 'sample',
      tag: tag.tag,
      type: sampleType(tag),
      value: decoded.value,
      atMs: nowMs,
      timeFrom: 'edge',
    },
  };
  const list = Array.isArray(decoded.value) ? decoded.value : [decoded.value];
  const outside = list.some(
    (one) =>
      tag.range !== undefined &&
      (typeof one === 'number' || typeof one === 'bigint') &&
      !(one >= tag.range[0] && one <= tag.range[1]),
  );
  return outside
    ? { ...about, quality: 'uncertain', status: 'outside its range' }
    : { ...about, quality: 'good' };
}
