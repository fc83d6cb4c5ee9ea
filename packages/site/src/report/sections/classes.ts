import type { Context } from '../context.js';
import { fill, escapeHtml as h } from '../format.js';
import { htmlTable } from '../html.js';
import { exactInterval } from './measured.js';

/** The class call against the truth; null where the run had no classes. */
export function classes(c: Context): string | null {
  const { t, n } = c;
  const found = c.e.document.classes;
  if (found === null) return null;
  const names = [...new Set([...Object.keys(found.perClass), ...Object.keys(found.confusion)])];
  const total = Object.values(found.perClass).reduce((sum, x) => sum + x.units, 0);
  const rows = Object.entries(found.perClass).map(([name, x]) => [
    h(name),
    n.whole(x.units),
    n.percent(x.precision),
    n.percent(x.recall),
    exactInterval(c, Math.round(x.recall * x.units), x.units),
    n.fixed(x.f1, 3, 'down'),
  ]);
  const confusion = names.map((truth) => {
    const calls = names.map((call) => found.confusion[truth]?.[call] ?? 0);
    const sum = calls.reduce((a, b) => a + b, 0);
    return [
      h(truth),
      ...calls.map((count, i) => cell(n.whole(count), sum === 0 ? 0 : count / sum, names[i] === truth)),
    ];
  });
  const text = fill(t.classesText, {
    f1: n.fixed(found.macroF1, 3, 'down'),
    classes: n.whole(Object.keys(found.perClass).length),
    n: n.whole(total),
  });
  return `<p>${h(text)} ${c.badge}</p>${htmlTable([t.colClass, t.colN, t.colPrecision, t.colRecall, t.colRecallInterval, 'F1'], rows, 'figures')}<h3>${h(t.confusionTitle)} ${c.badge}</h3>${htmlTable(['', ...names], confusion, 'figures confusion')}`;
}

/** A count on a ground as strong as its share of the row; right calls are framed, wrong ones are not. */
const cell = (text: string, share: number, right: boolean): string =>
  `<span class="${right ? 'right' : 'wrong'}" style="background:rgba(${right ? '0,114,178' : '213,94,0'},${(0.45 * share).toFixed(2)})">${text}</span>`;
