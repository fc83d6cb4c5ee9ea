import type { Context } from '../context.js';
import { fill, escapeHtml as h } from '../format.js';
import { given, htmlTable, pairs, para } from '../html.js';
import type { Texts } from '../texts/texts.js';

/** Where the advice on a warning stands, by the warning's code. */
const ADVICE: ReadonlyMap<string, keyof Texts> = new Map([
  ['duplicate-items', 'adviceDuplicate'],
  ['near-duplicates', 'adviceNear'],
  ['label-conflict', 'adviceConflict'],
  ['shortcut-suspected', 'adviceShortcut'],
  ['too-few-bad', 'adviceFewBad'],
  ['too-few-units', 'adviceFewUnits'],
  ['order-unknown', 'adviceOrder'],
  ['damaged-items', 'adviceDamaged'],
  ['no-better-than-blind', 'adviceBlind'],
  ['clustered', 'adviceClustered'],
]);

/** What may be wrong with the data, and what to do about each. */
export function warnings(c: Context): string {
  const { t } = c;
  const list = c.e.document.warnings;
  if (list.length === 0) return para(t.warningsNone);
  const items = list.map(
    (w) =>
      `<li><code>${h(w.code)}</code> ${given(c, w.detail)}${c.t.fullStop}<br/><b>${h(t.whatToDo)}:</b> ${h(t[ADVICE.get(w.code) ?? 'adviceOther'])}</li>`,
  );
  return `<ul class="warnings">${items.join('')}</ul>`;
}

/** What the bounds rest on, each with the way a broken one would show. */
export function assumptions(c: Context): string {
  const { t, e } = c;
  const rows = e.assumptions.map((a, i) => [`A${i + 1}`, given(c, a.text), given(c, a.check)]);
  return `${htmlTable(['', t.colAssumed, t.colCheck], rows, 'words stack prose')}${para(fill(t.boundNote, { agreement: c.agreement }), 'note')}`;
}

/** The command, the hashes and how to verify the draws. */
export function repeat(c: Context): string {
  const { t } = c;
  const { repeat: r, document } = c.e;
  const hash = (x: string | null): string => (x === null ? '–' : `<code class="hash">${h(x)}</code>`);
  const commit = r.commit === null ? '' : `, ${h(fill(t.repeatCommit, { commit: r.commit }))}`;
  return `<h3>${h(t.repeatCommand)}</h3><pre>${h(r.command)}</pre>${pairs([
    [h(t.repeatSeed), String(document.seed)],
    [h(t.repeatVersion), `selvedge ${h(r.version)}${commit}`],
    [h(t.repeatData), hash(r.dataHash)],
    [h(t.repeatModel), hash(r.modelHash)],
    [h(t.repeatCertificate), hash(r.certificateHash)],
    [h(t.repeatCommitment), hash(r.auditSecretHash)],
    [h(t.repeatSecret), hash(r.auditSecret)],
  ])}${para(t.repeatText)}`;
}

/** The words of the report, for whoever meets them first here. */
export function glossary({ t }: Context): string {
  const words: readonly (readonly [string, string])[] = [
    [t.wGate, t.wGateText],
    [t.wStates, t.wStatesText],
    [t.wUnit, t.wUnitText],
    [t.wBudget, t.wBudgetText],
    [t.wEscape, t.wEscapeText],
    [t.wOverkill, t.wOverkillText],
    [t.wAudit, t.wAuditText],
    [t.wCertificate, t.wCertificateText],
    [t.wBound, t.wBoundText],
    [t.wIntervention, t.wInterventionText],
  ];
  return pairs(words.map(([word, text]) => [h(word), h(text)] as const));
}
