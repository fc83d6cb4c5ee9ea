import { binomialLimit } from '@selvedge/core';
import { type Context, stateName, unseenPasses } from '../context.js';
import { escapeHtml, fill } from '../format.js';
import { given, para } from '../html.js';

const figureCard = (
  c: Context,
  { value, name, note }: { value: string; name: string; note: string },
): string =>
  `<div class="card-figure"><b>${value}</b><span>${escapeHtml(name)}</span><small>${note}</small>${c.badge}</div>`;

/** The rate of escapes that the contract speaks of. */
const contractRate = ({ e }: Context): number =>
  e.promise.contract === 'per-unit' ? e.document.stream.escapePerUnit : e.document.stream.escapePerAutoPass;

/** The answer in one sentence, and the four figures behind it. */
export function answer(c: Context): string {
  const { t, n, e } = c;
  const { gate, stream, interventions } = e.document;
  const confidence = n.percent(e.promise.confidence);
  const units = n.whole(stream.units);
  const state = stateName(c, gate.state);
  // Where a person saw every unit, no escape says nothing of the gate.
  const none = unseenPasses(e) === 0;
  const cards = [
    figureCard(c, { value: escapeHtml(state), name: t.cardState, note: '' }),
    figureCard(c, {
      value: n.percent(stream.automaticShare, 'down'),
      name: t.cardAutomatic,
      note: escapeHtml(fill(t.cardAutomaticNote, { count: n.whole(stream.automatic), units })),
    }),
    figureCard(c, {
      value: none ? escapeHtml(t.none) : n.percent(contractRate(c), 'up'),
      name: fill(t.cardEscapes, { per: c.per }),
      note: escapeHtml(
        fill(none ? t.cardEscapesNone : t.cardEscapesNote, {
          count: n.whole(stream.escapes),
          upper: n.percent(stream.escapeUpper, 'up'),
          confidence,
          budget: n.percent(e.promise.escapeRate),
        }),
      ),
    }),
    figureCard(c, {
      value: n.percent(interventions.reduction, 'down'),
      name: t.cardLess,
      note: escapeHtml(
        fill(t.cardLessNote, {
          low: n.percent(interventions.interval[0], 'down'),
          high: n.percent(interventions.interval[1], 'up'),
          confidence,
          units,
        }),
      ),
    }),
  ];
  return `${para(sentence(c, state, units), 'lead')}<div class="cards-figures">${cards.join('')}</div>${proof(c)}<p><b>${escapeHtml(t.answerReason)}:</b> ${given(c, gate.reason)}</p><p class="note">${escapeHtml(fill(t.boundNote, { agreement: c.agreement }))}</p>`;
}

/** What the promise rests on, and what the stream alone would show of it. */
function proof(c: Context): string {
  const { t, n, e, per } = c;
  const { gate, stream } = e.document;
  const cert = gate.certificate;
  if (cert === null || cert.escapeUpper === 1) return '';
  return para(
    fill(t.answerProof, {
      upper: n.percent(cert.escapeUpper, 'up'),
      per,
      n: n.whole(cert.n),
      units: n.whole(stream.units),
      stream: n.percent(stream.escapeUpper, 'up'),
      confidence: n.percent(e.promise.confidence),
    }),
  );
}

function sentence(c: Context, state: string, units: string): string {
  const { t, n, e } = c;
  const { gate, stream, interventions } = e.document;
  const shut = gate.state === 'shadow' || gate.state === 'closed';
  const parts = shut
    ? [
        fill(t.answerShut, { state }),
        ...(stream.automatic > 0
          ? [fill(t.answerShutBefore, { count: n.whole(stream.automatic), units })]
          : []),
      ]
    : [
        fill(interventions.reduction > 0 ? t.answerDecides : t.answerMore, {
          state,
          share: n.percent(stream.automaticShare, 'down'),
          units,
          reduction: n.percent(interventions.reduction, 'down'),
        }),
      ];
  if (stream.automatic > 0 && unseenPasses(e) !== 0) parts.push(againstBudget(c));
  return parts.join(c.language === 'zh' ? '' : ' ');
}

/** A rate above the budget is no broken promise while the count lies within its binomial limit. */
function againstBudget(c: Context): string {
  const { t, n, e } = c;
  const { stream } = e.document;
  if (contractRate(c) <= e.promise.escapeRate) return t.answerWithin;
  const trials = e.promise.contract === 'per-unit' ? stream.units : (unseenPasses(e) ?? 0);
  const limit = binomialLimit(trials, e.promise.escapeRate, 0.95);
  return stream.escapes > limit
    ? t.answerAbove
    : fill(t.answerChance, { count: n.whole(stream.escapes), limit: n.whole(limit) });
}
