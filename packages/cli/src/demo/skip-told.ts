import type { UnitView } from '@selvedge/core/records';
import type { LedgerRow } from '@selvedge/pack-seat-sewing';
import type { SiteClient } from './site-client.js';
import { type Span, skippedUnit } from './told.js';

export interface SkipTold {
  /** The cover with the skipped stitch; null: none was skipped yet. */
  readonly unit: string | null;
  readonly safetySeam: boolean;
  /** What the site did with it: null while a question about it waits, or it has not come. */
  readonly decided: {
    readonly call: string;
    readonly region: string;
    readonly state: string;
    readonly score: number | null;
    readonly why: string;
  } | null;
  /** Why a person was asked: the model was unsure, the gate was in shadow, an audit; null: nobody was. */
  readonly askedBecause: string | null;
  readonly answer: { readonly label: string; readonly seconds: number; readonly by: string } | null;
  /** What the machine was told of it; null: nothing yet. */
  readonly told: string | null;
}

/** What became of the skipped stitch at the site, from the journal's own rows. */
export async function skipTold(
  rows: readonly LedgerRow[],
  { span, client }: { readonly span: Span; readonly client: SiteClient },
): Promise<SkipTold> {
  const made = skippedUnit(rows, span);
  const none = { decided: null, askedBecause: null, answer: null };
  if (made === null) return { unit: null, safetySeam: false, ...none, told: null };
  const { unit, safety: safetySeam } = made;
  const told = rows.reduce<string | null>(
    (last, row) => (row.kind === 'told' && row.unit === unit ? row.verdict : last),
    null,
  );
  const view = await client.get<UnitView>(`/api/units/${encodeURIComponent(unit)}`).catch(() => null);
  if (view === null) return { unit, safetySeam, ...none, told };
  const body = (kind: string) => view.events.find((event) => event.kind === kind);
  const [decided, asked, answered] = [body('decided')?.body, body('asked'), body('answered')];
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
  return {
    ...{ unit, safetySeam, told },
    decided:
      decided === undefined
        ? null
        : {
            ...{ call: text(decided.call), region: text(decided.region), state: text(decided.state) },
            ...{ score: number(decided.score), why: text(decided.why) },
          },
    askedBecause: asked === undefined ? null : text(asked.body.reason),
    answer:
      answered === undefined
        ? null
        : {
            ...{ label: text(answered.body.label), by: text(answered.body.by) },
            seconds: Number(((answered.atMs - (asked?.atMs ?? answered.atMs)) / 1000).toFixed(1)),
          },
  };
}
