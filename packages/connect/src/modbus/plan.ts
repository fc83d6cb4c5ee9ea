import type { Place, Table } from './address.js';

export interface Span<T> {
  readonly of: T;
  readonly place: Place;
}

/** One request: `size` bits or registers from `at`, and what lies in them. */
export interface Block<T> {
  readonly table: Table;
  readonly unit: number;
  readonly at: number;
  readonly size: number;
  readonly spans: readonly Span<T>[];
}

export interface PlanOptions<T> {
  readonly unitId: number;
  /** Registers in one request, at most 125; bits are 16 times as many, at most 2,000. */
  readonly mostRegisters: number;
  /** Registers between two values that are read in vain to save a request; bits are 16 times as many. */
  readonly mostGap: number;
  /** What the peer does not let be read together with others. */
  readonly alone: ReadonlySet<T>;
}

/** The fewest requests that read all spans, by going through them in order. */
export function plan<T>(spans: readonly Span<T>[], options: PlanOptions<T>): Block<T>[] {
  const { unitId, mostRegisters, mostGap, alone } = options;
  const unitOf = ({ unit }: Place) => unit ?? unitId;
  const sorted = [...spans].sort(
    ({ place: a }, { place: b }) =>
      unitOf(a) - unitOf(b) || (a.table < b.table ? -1 : a.table > b.table ? 1 : a.at - b.at),
  );
  const blocks: Block<T>[] = [];
  for (const span of sorted) {
    const { table, at, size } = span.place;
    const unit = unitOf(span.place);
    const factor = table === 'coil' || table === 'discrete' ? 16 : 1;
    const last = blocks.at(-1);
    const end = last === undefined ? 0 : Math.max(last.at + last.size, at + size);
    const joins =
      last !== undefined &&
      last.table === table &&
      last.unit === unit &&
      at - (last.at + last.size) <= mostGap * factor &&
      end - last.at <= mostRegisters * factor &&
      !alone.has(span.of) &&
      !last.spans.some(({ of }) => alone.has(of));
    if (joins) blocks[blocks.length - 1] = { ...last, size: end - last.at, spans: [...last.spans, span] };
    else blocks.push({ table, unit, at, size, spans: [span] });
  }
  return blocks;
}
