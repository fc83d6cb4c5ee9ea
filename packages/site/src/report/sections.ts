import type { Evidence } from '@selvedge/core/records';
import { adviceOn } from './advice.js';
import { escapeCard } from './escapes.js';
import { escapeHtml, percent, reading, whole } from './format.js';
import { GLOSSARY } from './glossary.js';

const h = escapeHtml;

const row = (...cells: string[]): string =>
  `<tr>${cells.map((c, i) => `<td${i ? ' class="n"' : ''}>${c}</td>`).join('')}</tr>`;
const head = (...cells: string[]): string =>
  `<thead><tr>${cells.map((c, i) => `<th${i ? ' class="n"' : ''}>${c}</th>`).join('')}</tr></thead>`;
export const section = (title: string, body: string): string => `<section><h2>${title}</h2>${body}</section>`;

const per = (e: Evidence): string =>
  e.promise.contract === 'per-unit' ? 'per unit leaving the station' : 'among automatic passes';

/** The answer in one look: what happened, in words and four figures. */
export function answer(e: Evidence): string {
  const { gate, stream, interventions, origin } = e.document;
  const budget = e.promise.escapeRate;
  const rate = e.promise.contract === 'per-unit' ? stream.escapePerUnit : stream.escapePerAutoPass;
  const decides = gate.state === 'open' || gate.state === 'ramp' || gate.state === 'watch';
  const words = decides
    ? `The gate is <b>${gate.state}</b>: it decided ${percent(stream.automaticShare)} of ${whole(stream.units)} units, ${whole(stream.escapes)} of them bad and unseen, where the budget allows ${reading(budget * (e.promise.contract === 'per-unit' ? stream.units : stream.automatic))}.`
    : `The gate is <b>${gate.state}</b>: ${h(gate.reason)}. ${stream.automatic === 0 ? 'A person judged every unit.' : `Before that it decided ${whole(stream.automatic)} units.`}`;
  const figure = (value: string, name: string, note: string) =>
    `<div class="figure"><b>${value}</b><span>${name}</span><small>${note} · ${origin}</small></div>`;
  return `<p class="lead">${words}</p><div class="figures">
${figure(percent(stream.automaticShare), 'decided automatically', `${whole(stream.automatic)} of ${whole(stream.units)} units`)}
${figure(percent(rate), `escapes ${per(e)}`, `${whole(stream.escapes)} escapes; at most ${percent(stream.escapeUpper, 'up')} at ${percent(e.promise.confidence)}; budget ${percent(budget)}`)}
${figure(percent(interventions.reduction), 'fewer judgements by people', `interval ${percent(interventions.interval[0], 'down')} to ${percent(interventions.interval[1], 'up')}`)}
${figure(e.document.model.auc === null ? '–' : e.document.model.auc.toFixed(3), 'AUC of the score', `${whole(e.document.counts.stream.bad)} bad, ${whole(e.document.counts.stream.good)} good units`)}
</div>`;
}

export function promise(e: Evidence): string {
  const { promise: p } = e;
  const rows = [
    row('escape rate', `at most ${percent(p.escapeRate)} ${per(e)}`),
    row(
      'overkill rate',
      p.overkillRate === 0 ? 'no automatic reject' : `at most ${percent(p.overkillRate)} per unit`,
    ),
    row('confidence', `${percent(p.confidence)}, jointly for everything promised`),
    row('signed by', h(p.signedBy)),
    row('reason', h(p.reason)),
  ].join('');
  const ledger = p.ledger.map((l) => row(h(l.part), percent(l.delta))).join('');
  return `<table class="pairs">${rows}</table><details><summary>How the chance of being wrong is shared</summary><p>Every part of the proof may be wrong with the chance given; together they stay within ${percent(1 - p.confidence, 'up')}.</p><table>${head('part', 'chance')}${ledger}</table></details>`;
}

export function measured(e: Evidence): string {
  const { document: d } = e;
  const s = d.stream;
  const c = d.gate.certificate;
  const counts = (n: { good: number; bad: number }) => `${whole(n.good)} good, ${whole(n.bad)} bad`;
  const rows = [
    row('units: fit', '', counts(d.counts.fit)),
    row('units: calibrate', '', counts(d.counts.calibrate)),
    row('units: stream', '', counts(d.counts.stream)),
    ...(c
      ? [
          row(
            'certificate: escapes',
            `at most ${percent(c.escapeUpper, 'up')} ${per(e)}`,
            `n = ${whole(c.n)}, ${h(c.test)}`,
          ),
        ]
      : []),
    ...(c && c.overkillUpper !== null
      ? [
          row(
            'certificate: overkills',
            `at most ${percent(c.overkillUpper, 'up')} per unit`,
            `n = ${whole(c.n)}`,
          ),
        ]
      : []),
    row('stream: escapes per unit', percent(s.escapePerUnit), `${whole(s.escapes)} of ${whole(s.units)}`),
    row(
      'stream: escapes among automatic passes',
      percent(s.escapePerAutoPass),
      `${whole(s.escapes)} escapes`,
    ),
    row(
      `stream: upper bound from the truth, ${per(e)}`,
      percent(s.escapeUpper, 'up'),
      'known only in a replay',
    ),
    row('stream: upper bound from audits alone', percent(s.liveUpper, 'up'), `${whole(s.audits)} audits`),
    row(
      'stream: overkills per unit',
      percent(s.overkillPerUnit),
      `${whole(s.overkills)} of ${whole(s.units)}`,
    ),
    row('stream: asked of a person', percent(s.asked / s.units), `${whole(s.asked)} of ${whole(s.units)}`),
    row(
      'accepted scores',
      d.gate.accept === null ? 'none' : `up to ${reading(d.gate.accept)}`,
      'higher = worse',
    ),
    row('rejected scores', d.gate.reject === null ? 'none' : `from ${reading(d.gate.reject)}`, ''),
  ].join('');
  const aside =
    e.data.setAside.units === 0
      ? ''
      : `<p>Set aside: ${whole(e.data.setAside.units)} items that could not be read.</p><ul>${e.data.setAside.examples.map((x) => `<li><code>${h(x.id)}</code>: ${h(x.why)}</li>`).join('')}</ul>`;
  return `<p>Data: <b>${h(e.data.name)}</b> (${h(e.data.layout)} of ${h(e.data.observation)}), origin <b>${d.origin}</b>. Split: ${h(e.data.splitRule)}.${e.data.groupRule ? ` Groups: <code>${h(e.data.groupRule)}</code>.` : ''}</p>
<table>${head('figure', 'value', 'evidence')}${rows}</table>
<p>Model: <b>${h(e.model.name)}</b>. ${h(e.model.why)}. Export: ${h(e.model.parity)}. Bounds speak of agreement with the labels given.</p>${aside}`;
}

export function states(e: Evidence): string {
  const { transitions } = e.document.stream;
  if (transitions.length === 0)
    return `<p>The gate stayed in ${e.document.gate.state}: ${h(e.document.gate.reason)}.</p>`;
  return `<table>${head('after unit', 'from', 'to', 'why')}${transitions.map((t) => `<tr><td class="n">${whole(t.unit)}</td><td>${t.from}</td><td>${t.to}</td><td>${h(t.why)}</td></tr>`).join('')}</table>`;
}

export function alarms(e: Evidence): string {
  const list = e.drift.alarms;
  return list.length === 0
    ? '<p>No alarm was raised.</p>'
    : `<ul>${list
        .slice(0, 30)
        .map((a) => `<li>after unit ${whole(a.unit)}: ${h(a.what)}</li>`)
        .join('')}</ul>`;
}

export function escapes(e: Evidence): string {
  if (e.worstEscapes.length > 0) return `<div class="cards">${e.worstEscapes.map(escapeCard).join('')}</div>`;
  return e.document.stream.automatic === 0
    ? '<p>There were none, because nothing was passed automatically.</p>'
    : `<p>There were none among ${whole(e.document.stream.automatic)} automatic decisions. That does not show that there are none: the bound above says what cannot be ruled out.</p>`;
}

export function classes(e: Evidence): string {
  const c = e.document.classes;
  if (c === null) return '';
  const names = Object.keys(c.perClass);
  const table = names
    .map((n) => {
      const r = c.perClass[n]!;
      return row(h(n), whole(r.units), percent(r.precision), percent(r.recall), r.f1.toFixed(3));
    })
    .join('');
  const confusion = names
    .map(
      (t) =>
        `<tr><td>${h(t)}</td>${names.map((p) => `<td class="n">${whole(c.confusion[t]?.[p] ?? 0)}</td>`).join('')}</tr>`,
    )
    .join('');
  return section(
    'Which defect',
    `<p>Macro-F1 <b>${c.macroF1.toFixed(3)}</b> over ${names.length} classes of the stream (${e.document.origin}).</p><table>${head('class', 'units', 'precision', 'recall', 'F1')}${table}</table><details><summary>Confusion: rows are the truth, columns the call</summary><div class="wide"><table>${head('', ...names.map(h))}${confusion}</table></div></details>`,
  );
}

export function warnings(e: Evidence): string {
  const list = e.document.warnings;
  if (list.length === 0) return '<p>None.</p>';
  return `<ul class="warnings">${list.map((w) => `<li><code>${h(w.code)}</code> ${h(w.detail)}. <em>${adviceOn(w.code)}</em></li>`).join('')}</ul>`;
}

export function assumptionList(e: Evidence): string {
  return `<table><thead><tr><th>what is assumed</th><th>how you would notice that it is broken</th></tr></thead>${e.assumptions.map((a) => `<tr><td>${h(a.text)}</td><td>${h(a.check)}</td></tr>`).join('')}</table>`;
}

export function repeat(e: Evidence): string {
  const { repeat: r, document: d } = e;
  const hash = (x: string | null) => (x === null ? '–' : `<code class="hash">${h(x)}</code>`);
  return `<pre>${h(r.command)}</pre><table class="pairs">
${row('seed', String(d.seed))}${row('program', `selvedge ${h(r.version)}${r.commit ? `, commit <code>${h(r.commit)}</code>` : ''}`)}
${row('SHA-256 of the data', hash(r.dataHash))}${row('SHA-256 of the model', hash(r.modelHash))}${row('SHA-256 of the certificate', hash(r.certificateHash))}
${row('audit secret, committed as', hash(r.auditSecretHash))}${row('audit secret, opened', hash(r.auditSecret))}</table>
<p>An audit was drawn where the first 8 bytes of HMAC-SHA256(secret, unit id), read as a fraction of 2<sup>64</sup>, lie below the audit rate of that unit. decisions.csv lists every unit with its rate, so each draw and each count here can be made again.</p>`;
}

export function glossary(): string {
  return `<dl>${GLOSSARY.map(([word, text]) => `<dt>${word}</dt><dd>${text}</dd>`).join('')}</dl>`;
}
