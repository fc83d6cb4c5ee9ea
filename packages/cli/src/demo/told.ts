import type { LedgerRow, Made } from '@selvedge/pack-seat-sewing';
import { type Difference, differenceOf, type Mean, meanOf, round, slopeOf } from './figures.js';
import { SEAM, TEMPLATE, THREAD } from './moments.js';

/** From when to when a moment's rows count, epoch ms: until it is played again. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Covers before a moment that it is compared with. */
const BEFORE = 12;
/** Covers in a row that have to be as before. */
const IN_A_ROW = 3;
/** First and last covers that are compared. */
const ENDS = 6;

const seamsOf = (rows: readonly LedgerRow[], machine: string): Made[] =>
  rows.filter((row): row is Made => row.kind === 'made' && row.machine === machine && !row.safety);
const within = ({ fromMs, toMs }: Span, { atMs }: { readonly atMs: number }): boolean =>
  atMs >= fromMs && atMs < toMs;

export interface SeamTold {
  readonly timeFactor: number;
  /** First covers of each machine after the moment: those that were sewn slowly. */
  readonly units: readonly string[];
}

export function seamTold(rows: readonly LedgerRow[], span: Span): SeamTold {
  const machines = [...new Set(rows.map(({ machine }) => machine))].filter((one) => one !== 'line');
  const begun = rows.filter(
    (row): row is Extract<LedgerRow, { kind: 'begun' }> => row.kind === 'begun' && within(span, row),
  );
  return {
    timeFactor: SEAM.factor,
    units: machines.flatMap((machine) =>
      begun
        .filter((row) => row.machine === machine)
        .slice(0, SEAM.seams)
        .map(({ unit }) => unit),
    ),
  };
}

export interface ThreadTold {
  readonly machine: string;
  readonly friction: number;
  /** Distance of the lock from the middle, share of the thickness; truth of the line. */
  readonly before: Mean;
  readonly after: Mean;
  /** Covers until three in a row were no worse than the worst of those before; null: not yet. */
  readonly backAfterCovers: number | null;
  readonly worst: number | null;
  /** Covers after it on which the trim of the lease was in force, and the others. */
  readonly corrected: Mean;
  readonly leftAlone: Mean;
  readonly correctedMinusLeftAlone: Difference | null;
  readonly largestTrimCentinewton: number;
  /** Turns of the knob by the person, and seams that came out loose or tight. */
  readonly tensionActs: number;
  readonly looseOrTight: number;
  readonly points: readonly {
    readonly cover: number;
    readonly lockError: number;
    readonly trim: number;
    readonly acts: number;
  }[];
}

/** What a change of thread did to the lock, and what brought it back. Cover 0 is the first with the new thread. */
export function threadTold(rows: readonly LedgerRow[], span: Span): ThreadTold {
  const seams = seamsOf(rows, THREAD.machine);
  const old = seams.filter(({ atMs }) => atMs < span.fromMs);
  const spool = old.at(-1)?.spool ?? 0;
  const after = seams.filter((one) => within(span, one) && one.spool > spool);
  const before = old.slice(-BEFORE);
  const limit = Math.max(...before.map(({ lockError }) => lockError));
  const back = after.findIndex(
    (_one, i) =>
      i + IN_A_ROW <= after.length &&
      after.slice(i, i + IN_A_ROW).every(({ lockError }) => lockError <= limit),
  );
  const error = (some: readonly Made[]): number[] => some.map(({ lockError }) => lockError);
  const corrected = after.filter(({ trim }) => trim !== 0);
  const alone = after.filter(({ trim }) => trim === 0);
  const acts = (one: Made): number => one.acts.filter(({ type }) => type === 'tension').length;
  return {
    ...{ machine: THREAD.machine, friction: THREAD.friction },
    ...{ before: meanOf(error(before)), after: meanOf(error(after)) },
    backAfterCovers: before.length < IN_A_ROW || back < 0 ? null : back,
    worst: after.length === 0 ? null : Math.max(...error(after)),
    ...{ corrected: meanOf(error(corrected)), leftAlone: meanOf(error(alone)) },
    correctedMinusLeftAlone: differenceOf(error(corrected), error(alone)),
    largestTrimCentinewton: round(
      after.reduce((most, { trim }) => Math.max(most, Math.abs(trim)), 0),
      2,
    ),
    tensionActs: after.reduce((sum, one) => sum + acts(one), 0),
    looseOrTight: after.filter(({ label }) => label === 'loose' || label === 'tight').length,
    points: [
      ...before.map((one, i) => ({ one, cover: i - before.length })),
      ...after.map((one, cover) => ({ one, cover })),
    ].map(({ one, cover }) => ({
      cover,
      lockError: one.lockError,
      trim: round(one.trim, 2),
      acts: acts(one),
    })),
  };
}

export interface CurveTold {
  readonly machine: string;
  readonly missedShare: number;
  /** mm rms beside the line in the curves; truth of the line. By what steered. */
  readonly corrected: CurveGroup;
  readonly leftAlone: CurveGroup;
  readonly correctedMinusLeftAlone: Difference | null;
  readonly points: readonly {
    readonly learnt: number;
    readonly error: number;
    readonly corrected: boolean;
  }[];
}

interface CurveGroup {
  readonly n: number;
  readonly first: Mean;
  readonly last: Mean;
  /** mm a cover of the part, by least squares. */
  readonly slope: { readonly slope: number; readonly interval: readonly [number, number] } | null;
}

/** Error on the curve by how many covers of the part came before it on the new template. */
export function curveTold(rows: readonly LedgerRow[], span: Span): CurveTold {
  const since = seamsOf(rows, TEMPLATE.machine).filter((one) => within(span, one));
  // What lay under the foot when the template was changed still had the old one.
  const from = since.findIndex(({ learnt }) => learnt === 0);
  const points = (from < 0 ? [] : since.slice(from)).map(({ learnt, curveError, steering }) => ({
    ...{ learnt, error: curveError, corrected: steering > 0 },
  }));
  const group = (some: typeof points): CurveGroup => {
    const order = [...some].sort((a, b) => a.learnt - b.learnt);
    const error = order.map((one) => one.error);
    return {
      n: some.length,
      first: meanOf(error.slice(0, Math.min(ENDS, Math.floor(some.length / 2)))),
      last: meanOf(error.slice(-Math.min(ENDS, Math.floor(some.length / 2)) || error.length)),
      slope: slopeOf(order.map((one) => [one.learnt, one.error] as const)),
    };
  };
  const [corrected, alone] = [points.filter((one) => one.corrected), points.filter((one) => !one.corrected)];
  return {
    ...{ machine: TEMPLATE.machine, missedShare: TEMPLATE.miss },
    ...{ corrected: group(corrected), leftAlone: group(alone) },
    correctedMinusLeftAlone: differenceOf(
      corrected.map(({ error }) => error),
      alone.map(({ error }) => error),
    ),
    points,
  };
}

export interface CutTold {
  readonly what: string;
  readonly seconds: number;
  /** Machine 2, whose only way is the broker. */
  readonly sewnWithout: number;
  readonly verdictsWithout: number;
  /** Of those that were sewn without it: told afterwards, and still on the rack. */
  readonly toldAfterwards: number;
  readonly waiting: number;
  /** Machine 1 in the same time, over OPC UA. */
  readonly otherMachine: { readonly sewn: number; readonly verdicts: number };
}

/** What became of covers while the broker was gone. */
export function cutTold(
  rows: readonly LedgerRow[],
  { fromMs, backMs, toMs }: Span & { readonly backMs: number },
): CutTold {
  const gone = { fromMs, toMs: backMs };
  const of = (machine: string, kind: LedgerRow['kind']) =>
    rows.filter((row) => row.machine === machine && row.kind === kind && within(gone, row));
  const sewn = of('m2', 'made').flatMap((row) => ('unit' in row ? [row.unit] : []));
  const told = new Set(
    rows.flatMap((row) => (row.kind === 'told' && row.atMs >= fromMs && row.atMs < toMs ? [row.unit] : [])),
  );
  const afterwards = sewn.filter((unit) => told.has(unit)).length;
  return {
    what: 'the MQTT broker was killed (machine 2, Sparkplug B); OPC UA of machine 1 was not touched',
    seconds: round((backMs - fromMs) / 1000, 1),
    ...{ sewnWithout: sewn.length, verdictsWithout: of('m2', 'told').length },
    ...{ toldAfterwards: afterwards, waiting: sewn.length - afterwards },
    otherMachine: { sewn: of('m1', 'made').length, verdicts: of('m1', 'told').length },
  };
}

/** The first cover after the moment at which a stitch was skipped; null: none yet. */
export const skippedUnit = (rows: readonly LedgerRow[], span: Span): Made | null =>
  rows.find(
    (row): row is Made =>
      row.kind === 'made' && row.machine === 'm1' && row.label === 'skip' && within(span, row),
  ) ?? null;
