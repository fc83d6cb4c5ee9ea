import type { Context } from './context.js';
import { escapeHtml } from './format.js';
import { said } from './said/said.js';

/** A paragraph of plain text. */
export const para = (text: string, kind?: string): string =>
  `<p${kind ? ` class="${kind}"` : ''}>${escapeHtml(text)}</p>`;

/** Options of the command (HTML) that no line breaks at their hyphens. */
const unbroken = (html: string): string => html.replace(/--[a-z][a-z-]*/g, '<span class="option">$&</span>');

/** Text made by the run, in the reader's language; one that no catalogue knows (an older run's) is marked as English. */
export function given(c: Context, text: string): string {
  const known = said(text, c.language);
  return known === null ? `<span lang="en">${escapeHtml(text)}</span>` : unbroken(escapeHtml(known));
}

/** A table of plain cells: the first column left, the others right. */
export function dataTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return htmlTable(
    head,
    rows.map((r) => r.map(escapeHtml)),
    'figures',
  );
}

/** A table whose cells are HTML already (`head` is plain text). Of kind `stack`, a phone shows a row as a block. */
export function htmlTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  kind: string,
): string {
  const labels = kind.includes('stack');
  const cells = rows
    .map(
      (r) =>
        `<tr>${r.map((x, i) => (i === 0 ? `<th scope="row">${x}</th>` : `<td${labels ? ` data-label="${escapeHtml(head[i] ?? '')}"${x === '–' ? ' class="no"' : ''}` : ''}>${x}</td>`)).join('')}</tr>`,
    )
    .join('');
  const top = head.map((x) => `<th scope="col">${escapeHtml(x)}</th>`).join('');
  return `<div class="wide"><table class="${kind}"><thead><tr>${top}</tr></thead><tbody>${cells}</tbody></table></div>`;
}

/** Names beside values, both HTML. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  return `<dl class="pairs">${rows.map(([k, v]) => `<div><dt>${k}</dt><dd>${v}</dd></div>`).join('')}</dl>`;
}
