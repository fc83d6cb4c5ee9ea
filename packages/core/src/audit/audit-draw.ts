/** HMAC-SHA256 of a message under a secret; handed in, since the core has no cryptography of its own. */
export type Hmac = (secret: Uint8Array, message: string) => Uint8Array;

/**
 * Rule A-1, the audit draw of a unit: the first 8 bytes (big-endian) of HMAC(secret, unit id) / 2^64, in [0, 1).
 * The secret's hash is committed before the epoch: afterwards everybody can recompute the draw, before it
 * nobody can choose it.
 */
export function auditDraw(hmac: Hmac, secret: Uint8Array, unitId: string): number {
  const bytes = hmac(secret, unitId);
  if (bytes.length < 8) throw new RangeError(`an HMAC has at least 8 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  // The top 53 bits: what a double holds without rounding up to 1.
  return (view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11)) / 2 ** 53;
}

export interface DrawRecord {
  readonly unitId: string;
  readonly propensity: number;
  readonly audited: boolean;
}

/** Rule A-2: the records whose draw, recomputed from the opened secret, does not agree with what was done. */
export function wrongDraws(hmac: Hmac, secret: Uint8Array, records: Iterable<DrawRecord>): DrawRecord[] {
  return [...records].filter((r) => auditDraw(hmac, secret, r.unitId) < r.propensity !== r.audited);
}

/** SHA-256 of bytes, handed in. */
export type Digest = (bytes: Uint8Array) => Uint8Array;

/** `committed` false: the opened secret is not the one that was committed, so no draw proves anything. */
export interface DrawCheck {
  readonly committed: boolean;
  readonly wrong: readonly DrawRecord[];
}

/** Rule A-3: the opened secret against its commitment, and every draw against what was done. */
export function verifyDraws(options: {
  readonly hmac: Hmac;
  readonly digest: Digest;
  readonly secret: Uint8Array;
  readonly commitment: Uint8Array;
  readonly records: Iterable<DrawRecord>;
}): DrawCheck {
  const { hmac, digest, secret, commitment, records } = options;
  const opened = digest(secret);
  const committed =
    opened.length === commitment.length && opened.every((byte, index) => byte === commitment[index]);
  return { committed, wrong: committed ? wrongDraws(hmac, secret, records) : [...records] };
}
