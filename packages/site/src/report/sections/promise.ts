import type { Context } from '../context.js';
import { fill, escapeHtml as h } from '../format.js';
import { given, htmlTable, pairs, para } from '../html.js';
import type { Texts } from '../texts/texts.js';

/** The parts of the proof as the record names them. */
const PARTS: ReadonlyMap<string, keyof Texts> = new Map([
  ['escape: certificate', 'ledgerEscapeCertificate'],
  ['escape: live', 'ledgerEscapeLive'],
  ['escape: region', 'ledgerEscapeRegion'],
  ['overkill: certificate', 'ledgerOverkillCertificate'],
  ['overkill: live', 'ledgerOverkillLive'],
  ['overkill: region', 'ledgerOverkillRegion'],
]);

function partName(c: Context, part: string): string {
  const key = PARTS.get(part);
  return key === undefined ? given(c, part) : h(c.t[key]);
}

/** The chance of being wrong of some parts of the proof together, or null where the record does not name one. */
export function deltaOf({ e }: Context, ...parts: readonly string[]): number | null {
  const found = parts.map((part) => e.promise.ledger.find((l) => l.part === part)?.delta ?? null);
  return found.reduce<number | null>((sum, x) => (sum === null || x === null ? null : sum + x), 0);
}

/** The budget, who signed it, and how the chance of being wrong is shared out. */
export function promise(c: Context): string {
  const { t, n } = c;
  const p = c.e.promise;
  const sum = p.ledger.reduce((total, l) => total + l.delta, 0);
  const rows = [
    ...p.ledger.map((l) => [partName(c, l.part), n.percent(l.delta)]),
    [`<b>${h(t.ledgerSum)}</b>`, `<b>${n.percent(sum, 'up')}</b>`],
  ];
  return `${pairs([
    [h(t.promiseEscape), h(fill(t.atMost, { rate: n.percent(p.escapeRate), per: c.per }))],
    [
      h(t.promiseOverkill),
      h(
        p.overkillRate === 0
          ? t.noReject
          : fill(t.atMost, { rate: n.percent(p.overkillRate), per: t.perUnit }),
      ),
    ],
    [h(t.promiseConfidence), h(fill(t.confidenceMeaning, { confidence: n.percent(p.confidence) }))],
    [h(t.promiseContract), h(c.per)],
    [h(t.promiseSigned), given(c, p.signedBy)],
    [h(t.promiseReason), given(c, p.reason)],
  ])}<h3>${h(t.ledgerTitle)}</h3>${para(fill(t.ledgerText, { delta: n.percent(1 - p.confidence, 'up') }))}${htmlTable([t.ledgerPart, t.ledgerChance], rows, 'figures short')}`;
}
