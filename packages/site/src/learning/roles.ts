import { createHash, createHmac } from 'node:crypto';
import { roleOf } from '@selvedge/core';
import { factOf } from '../live/facts.js';
import type { ModelPlace } from '../live/installed-models.js';
import { type Secrets, secretHash } from '../live/secrets.js';

/** Learning secrets lie beside those of the epochs, under a number that no epoch has. */
const LEARNING_EPOCH = 0;

/** Which units of a station teach and which prove: a draw that nobody can choose. Rule LN-1. */
export interface Roles {
  readonly secret: Uint8Array;
  readonly evidenceShare: number;
  /** What shares a role: the lot where the unit has one, else the unit. */
  readonly by: 'unit' | 'lot';
}

/** In [0, 1): the draw of a unit for `what`, from the first 64 bits of an HMAC. */
const drawOf = (secret: Uint8Array, what: string, key: string): number =>
  Number(createHmac('sha256', secret).update(`${what}\0${key}`).digest().readBigUInt64BE()) / 2 ** 64;

export const isEvidence = (
  { secret, evidenceShare, by }: Roles,
  { unit, lot }: { readonly unit: string; readonly lot: string | null },
): boolean =>
  roleOf(
    Math.min(
      drawOf(secret, 'role', by === 'lot' && lot !== null ? `lot\0${lot}` : `unit\0${unit}`),
      1 - 2 ** -53,
    ),
    evidenceShare,
  ) === 'evidence';

/** The second draw of a unit, by which its label is thinned to an even sample. Rule LN-2. */
export const thinningDraw = ({ secret }: Roles, unit: string): number =>
  Math.min(drawOf(secret, 'thin', unit), 1 - 2 ** -53);

/**
 * The roles of a station: made once, told by their hash before the first unit that they part. A changed share, or a secret
 * that is gone, begins anew: what was evidence before may have been trained on, so nothing older is used.
 */
export async function rolesOf(
  station: string,
  { evidenceShare, by }: { readonly evidenceShare: number; readonly by: 'unit' | 'lot' },
  { journal, secrets, clock }: Pick<ModelPlace, 'journal' | 'clock'> & { readonly secrets: Secrets },
): Promise<Roles & { readonly sinceSeq: number }> {
  const [last] = journal.read({ kind: 'roles-committed', subject: station, newestFirst: true, limit: 1 });
  const known = await secrets.read(station, LEARNING_EPOCH);
  if (last !== undefined && known !== null) {
    const {
      hash,
      evidenceShare: share,
      by: unitOrLot,
    } = last.body as {
      hash: string;
      evidenceShare: number;
      by: string;
    };
    if (hash === secretHash(known) && share === evidenceShare && unitOrLot === by)
      return { secret: known, evidenceShare, by, sinceSeq: last.seq };
  }
  const secret = await secrets.make(station, LEARNING_EPOCH);
  const body = { station, hash: secretHash(secret), evidenceShare, by };
  const receipt = await journal.append(
    factOf('roles-committed', { subject: station, atMs: clock.nowMs(), body }),
  );
  return { secret, evidenceShare, by, sinceSeq: receipt.seq };
}

/** SHA-256 over names and labels of units in order: what a fit was made of. */
export function unitsHash(units: readonly { readonly id: string; readonly label: string }[]): string {
  const hash = createHash('sha256');
  for (const { id, label } of units) hash.update(`${id}\0${label}\0`);
  return hash.digest('hex');
}
