import type { MomentId } from './moments.js';
import type { PlantOutcome } from './outcome.js';
import { plantOutcome } from './outcome.js';
import type { DemoPlant } from './plants.js';
import { type SkipTold, skipTold } from './skip-told.js';
import {
  type CurveTold,
  type CutTold,
  curveTold,
  cutTold,
  type SeamTold,
  type Span,
  seamTold,
  type ThreadTold,
  threadTold,
} from './told.js';

/** One playing of a moment. */
export interface Played {
  readonly id: MomentId;
  readonly atMs: number;
  /** Of a cut: when the broker was back; null before. */
  backMs: number | null;
  over: boolean;
  failed?: string;
}

export interface JoinedTold {
  readonly plant: string;
  readonly covers: number;
  readonly gates: readonly {
    readonly station: string;
    readonly state: string;
    readonly reason: string;
    readonly labels: number;
    readonly planned: number | null;
    readonly automatic: number;
    readonly units: number;
    /** Seconds after joining at which it left its shadow; null: it did not. */
    readonly openedAfterSeconds: number | null;
  }[];
}

/** What a moment came to. Every figure of it is simulated. */
export type Told =
  | ({ readonly moment: 'seam' } & SeamTold)
  | ({ readonly moment: 'thread-lot'; readonly lease: ThreadLease | null } & ThreadTold)
  | ({ readonly moment: 'second-plant' } & JoinedTold)
  | ({ readonly moment: 'curve' } & CurveTold)
  | ({ readonly moment: 'skip' } & SkipTold)
  | ({ readonly moment: 'cut' } & CutTold)
  | { readonly moment: 'ledger'; readonly plants: readonly PlantOutcome[] };

interface ThreadLease {
  readonly target: string;
  readonly bounds: readonly [number, number];
  readonly maxStep: number;
  readonly step: string;
  readonly boundShare: number;
}

const TRIM = 'm1/tension/trim';

/** What the last playing of each moment came to so far, in the order of playing. A moment that cannot be told yet is left out. */
export async function tellAll(played: readonly Played[], plants: readonly DemoPlant[]): Promise<Told[]> {
  const last = played.filter(
    ({ id, failed }, i) =>
      failed === undefined && !played.slice(i + 1).some((one) => one.id === id && one.failed === undefined),
  );
  const told = await Promise.all(last.map((one) => tell(one, plants).catch(() => null)));
  return told.filter((one) => one !== null);
}

async function tell(one: Played, plants: readonly DemoPlant[]): Promise<Told | null> {
  const [home, other] = plants;
  if (home === undefined) return null;
  const rows = home.ledger.rows();
  const span: Span = { fromMs: one.atMs, toMs: Number.POSITIVE_INFINITY };
  switch (one.id) {
    case 'seam':
      return { moment: 'seam', ...seamTold(rows, span) };
    case 'thread-lot':
      return { moment: 'thread-lot', lease: await leaseOf(home), ...threadTold(rows, span) };
    case 'curve':
      return { moment: 'curve', ...curveTold(rows, span) };
    case 'skip':
      return { moment: 'skip', ...(await skipTold(rows, { span, client: home.site.client })) };
    case 'cut':
      return { moment: 'cut', ...cutTold(rows, { ...span, backMs: one.backMs ?? Date.now() }) };
    case 'second-plant':
      return other === undefined ? null : { moment: 'second-plant', ...joinedTold(other, one.atMs) };
    case 'ledger':
      return {
        moment: 'ledger',
        plants: await Promise.all(
          plants.map(({ letter, ledger, site }) => plantOutcome(letter, { ledger, client: site.client })),
        ),
      };
  }
}

async function leaseOf({ site }: DemoPlant): Promise<ThreadLease | null> {
  for (const { leases, openings } of await site.client.equipment()) {
    const lease = leases.find(({ target }) => target === TRIM);
    const opening = openings.find(({ target }) => target === TRIM);
    if (lease === undefined || opening === undefined) continue;
    const { target, bounds, maxStep } = lease;
    return { target, bounds, maxStep, step: opening.step, boundShare: opening.boundShare };
  }
  return null;
}

function joinedTold({ letter, ledger, gates }: DemoPlant, fromMs: number): JoinedTold {
  return {
    plant: letter,
    covers: ledger.rows().filter(({ kind }) => kind === 'made').length,
    gates: (gates.line?.stations ?? []).map((card) => {
      const opened = gates.steps.find(({ station, from }) => station === card.id && from === 'shadow');
      return {
        ...{ station: card.id, state: card.state, reason: card.reason },
        ...{ labels: card.evidence.labels, planned: card.evidence.planned },
        ...{ automatic: card.automatic, units: card.units },
        openedAfterSeconds: opened === undefined ? null : Number(((opened.atMs - fromMs) / 1000).toFixed(1)),
      };
    }),
  };
}
