import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { ReportSeal, SealedReport, SiteReport } from '@selvedge/core/records';
import { fingerprintOf, type SiteKey } from '../../live/site-key.js';

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Every figure and word of a report by its place, e.g. `stations[0].units.arrived`. Empty lists and objects count as one. */
export function figuresOf(value: unknown, place = ''): Map<string, string> {
  const figures = new Map<string, string>();
  const put = (at: string, inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0)
      figures.set(at, JSON.stringify(inner));
    else if (Array.isArray(inner)) for (const [i, one] of inner.entries()) put(`${at}[${i}]`, one);
    else for (const [name, one] of Object.entries(inner)) put(at === '' ? name : `${at}.${name}`, one);
  };
  put(place, value);
  return figures;
}

const digestsOf = (report: unknown): Record<string, string> =>
  Object.fromEntries([...figuresOf(report)].map(([place, text]) => [place, sha256(`${place}\0${text}`)]));

type Unsigned = Pick<ReportSeal, 'madeAtMs' | 'version' | 'language' | 'figures' | 'files'>;

/** What is signed: one line each, sorted by place or name. */
export function sealLines({ madeAtMs, version, language, figures, files }: Unsigned): string {
  const sorted = (kind: string, of: Readonly<Record<string, string>>): string[] =>
    Object.keys(of)
      .sort()
      .map((name) => `${kind} ${of[name]} ${name}`);
  return `${[`made ${madeAtMs} ${version} ${language}`, ...sorted('figure', figures), ...sorted('file', files)].join('\n')}\n`;
}

/** Seals a report and the files beside it; signed where there is a key. */
export function sealReport(
  report: SiteReport,
  {
    key,
    files,
    ...made
  }: Pick<ReportSeal, 'madeAtMs' | 'version' | 'language'> & {
    readonly key: SiteKey | null;
    readonly files: ReadonlyMap<string, string | Uint8Array>;
  },
): ReportSeal {
  const unsigned = {
    ...made,
    figures: digestsOf(report),
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)])),
  };
  const root = sha256(sealLines(unsigned));
  const signature =
    key === null
      ? null
      : {
          publicKey: key.publicKey,
          fingerprint: key.fingerprint,
          value: sign(null, signed(root), key.privateKey).toString('base64'),
        };
  return { ...unsigned, root, signature };
}

/** Names the form, so that no signature of another thing can be put here. */
const signed = (root: string): Buffer => Buffer.from(`selvedge-report-1\n${root}`, 'utf8');

export type SealFault =
  | { readonly what: 'figure-changed'; readonly place: string; readonly found: string | null }
  | { readonly what: 'file-changed' | 'file-missing'; readonly name: string }
  | { readonly what: 'seal-changed' | 'signature-wrong' | 'key-not-of-journal' }
  | { readonly what: 'other-key'; readonly expected: string; readonly found: string | null };

/**
 * Checks a report against its own seal. `files` gives the bytes of a file beside it, null where it is not there;
 * `key` is the fingerprint that somebody wrote down.
 */
export function checkSeal(
  { report, seal }: SealedReport,
  { files, key }: { readonly files: (name: string) => Uint8Array | null; readonly key: string | null },
): SealFault[] {
  const faults: SealFault[] = [];
  const now = figuresOf(report);
  for (const [place, text] of now)
    if (seal.figures[place] !== sha256(`${place}\0${text}`))
      faults.push({ what: 'figure-changed', place, found: text });
  for (const place of Object.keys(seal.figures))
    if (!now.has(place)) faults.push({ what: 'figure-changed', place, found: null });
  for (const [name, hash] of Object.entries(seal.files)) {
    const bytes = files(name);
    if (bytes === null) faults.push({ what: 'file-missing', name });
    else if (sha256(bytes) !== hash) faults.push({ what: 'file-changed', name });
  }
  if (sha256(sealLines(seal)) !== seal.root) faults.push({ what: 'seal-changed' });
  const { signature } = seal;
  if (signature !== null) {
    if (!holds(signature, seal.root)) faults.push({ what: 'signature-wrong' });
    if (report.key?.fingerprint !== signature.fingerprint) faults.push({ what: 'key-not-of-journal' });
  }
  if (key !== null && signature?.fingerprint !== key)
    faults.push({ what: 'other-key', expected: key, found: signature?.fingerprint ?? null });
  return faults;
}

function holds(
  { publicKey, fingerprint, value }: NonNullable<ReportSeal['signature']>,
  root: string,
): boolean {
  try {
    if (fingerprintOf(publicKey) !== fingerprint) return false;
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der' });
    return (
      key.asymmetricKeyType === 'ed25519' && verify(null, signed(root), key, Buffer.from(value, 'base64'))
    );
  } catch {
    return false;
  }
}

export interface Difference {
  readonly place: string;
  readonly reported: string | null;
  readonly journal: string | null;
}

/** Figures of a report that come out otherwise when they are made again. */
export function differences(reported: SiteReport, made: SiteReport): Difference[] {
  const a = figuresOf(reported);
  const b = figuresOf(made);
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((place) => {
    const one = { place, reported: a.get(place) ?? null, journal: b.get(place) ?? null };
    return one.reported === one.journal ? [] : [one];
  });
}
