import { createHash } from 'node:crypto';
import {
  assess,
  automaticCalls,
  type Budget,
  type CertifiedSides,
  chooseWatchRule,
  clusterTest,
  compareShares,
  type ExpectedScores,
  type GatePlan,
  oneUnitPerGroup,
} from '@selvedge/core';
import type { SiteFactBody } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import type { Database } from '@selvedge/store';
import { batchCorrelated } from '../replay/watch.js';
import { type Evidence, evidenceOf, evidenceSince, leastPropensity } from './evidence.js';
import type { Roles } from './roles.js';

export type Assessed = SiteFactBody<'assessed'>;

export interface AssessmentRequest {
  readonly station: string;
  readonly applicant: string;
  readonly plan: GatePlan;
  readonly roles: Roles;
  /** Row of `roles-committed`. */
  readonly rolesSeq: number;
  /** Row by which the applicant was what it is now. */
  readonly fixedSeq: number;
  /** Row after which it can have a score: 0 where it is scored over the past. */
  readonly scoredSeq: number;
  /** Median score of good units: the second martingale ranks the distance from it. */
  readonly middle: number;
}

/** What a test needs before it looks: fixed without a label. */
export interface Sitting {
  readonly evidence: Evidence;
  /** The number that this test takes among all tests on this evidence. */
  readonly attempt: number;
}

/** Takes a number and the evidence of a test. Nothing of the labels decides either. */
export function sitFor(db: Database, request: AssessmentRequest): Sitting {
  const { station, roles, plan } = request;
  const since = evidenceSince(db, station, request);
  const after = Math.max(since, request.scoredSeq);
  const row = db
    .prepare('SELECT count(*) AS n FROM assessment WHERE station = ? AND seq > ?')
    .get(station, since);
  return {
    attempt: Number(row?.n ?? 0) + 1,
    evidence: evidenceOf(db, station, { roles, after, least: leastPropensity(plan) }),
  };
}

/**
 * Tests an applicant: the exact certificate on evidence that it was not trained on. A unit that it has no score for goes
 * to a person and is never counted as passed.
 *
 * @param said its score of every unit of the evidence; NaN or missing where it has none.
 * @param inPost what the model in post said of the same units, and what it may decide; null where it decides nothing.
 * @param expected its scores of role training, out of fold: what "labels missing" is reckoned from, never evidence.
 * @param labelsPerHour of role evidence at the present pace; null where nobody knows it yet.
 */
export function testApplicant(
  { station, applicant, plan, middle }: AssessmentRequest,
  { evidence, attempt }: Sitting,
  {
    said,
    inPost,
    expected,
    labelsPerHour,
  }: {
    readonly said: ReadonlyMap<string, number>;
    readonly inPost: InPost | null;
    readonly expected: ExpectedScores | null;
    readonly labelsPerHour: number | null;
  },
): Assessed {
  const { units } = evidence;
  const scores = Float64Array.from(units, ({ unit }) => said.get(unit) ?? Number.NaN);
  const bad = units.map((unit) => unit.bad);
  const lots = units.some(({ lot }) => lot !== null);
  const groups = lots ? units.map(({ lot }, i) => lot ?? `unit-${i}`) : null;
  const { budget } = plan;
  const drawn = sample({ scores, bad, groups }, budget, attempt);
  const found = assess({ units: drawn, budget, k: attempt, certificates: 0, expected });
  const certified = found.accept !== null || found.reject !== null;
  const against =
    certified && inPost !== null
      ? compared({ scores, groups: drawn.groups === null ? null : groups }, found, units, inPost)
      : null;
  const labels = found.outlook?.toOpen ?? null;
  const finite = scores.filter(Number.isFinite);
  const rule =
    certified && finite.length === scores.length
      ? chooseWatchRule({
          ...{ scores, groups, middle, perGroup: batchCorrelated({ scores, bad, groups }, attempt) },
          rng: createRandom(attempt ^ 0x7761).next,
        })
      : null;
  const record = {
    ...{ station, applicant, attempt, delta: found.spent.accept, propensity: evidence.propensity },
    ...{ fromSeq: evidence.fromSeq, untilSeq: evidence.untilSeq, n: found.n, bads: found.bads },
    accept: plain(found.accept),
    reject: plain(found.reject),
    watch: rule?.quiet ? { perGroup: rule.perGroup, every: rule.every } : null,
    automaticShare: found.automaticShare,
    against,
    missing: certified
      ? null
      : {
          labels,
          hours:
            labels === null || labelsPerHour === null || labelsPerHour <= 0 ? null : labels / labelsPerHour,
        },
  };
  return { ...record, hash: createHash('sha256').update(JSON.stringify(record)).digest('hex') };
}

/** The model in post, on the same evidence. */
export interface InPost {
  readonly model: string;
  readonly said: ReadonlyMap<string, number>;
  readonly sides: CertifiedSides;
}

/** How much more the applicant would decide without a person than who is in post, on the same units. */
function compared(
  { scores, groups }: { readonly scores: Float64Array; readonly groups: readonly string[] | null },
  sides: CertifiedSides,
  units: readonly { readonly unit: string }[],
  { model, said, sides: theirs }: InPost,
): Assessed['against'] {
  const others = Float64Array.from(units, ({ unit }) => said.get(unit) ?? Number.NaN);
  const { difference, interval, n, shareA } = compareShares({
    a: automaticCalls(others, theirs),
    b: automaticCalls(scores, sides),
    groups,
  });
  return { model, share: shareA, difference, interval: [...interval], n };
}

const plain = (side: object | null): Record<string, unknown> | null => (side === null ? null : { ...side });

/** Where bad units come in groups a group is one piece of evidence; under `per-pass` one unit of each is drawn. */
function sample(
  set: {
    readonly scores: Float64Array;
    readonly bad: readonly boolean[];
    readonly groups: readonly string[] | null;
  },
  { contract }: Budget,
  seed: number,
): { scores: Float64Array; bad: readonly boolean[]; groups: readonly string[] | null } {
  const alone = { ...set, groups: null };
  if (set.groups === null) return alone;
  const rng = createRandom(seed ^ 0x636c);
  if (!clusterTest({ groups: set.groups, lost: set.bad, rng: rng.next }).clustered) return alone;
  if (contract === 'per-unit') return set;
  const kept = oneUnitPerGroup(set.groups, rng.next);
  return {
    scores: Float64Array.from(kept, (i) => set.scores[i]!),
    bad: kept.map((i) => set.bad[i]!),
    groups: null,
  };
}
