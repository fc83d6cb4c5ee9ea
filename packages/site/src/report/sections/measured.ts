import { binomialLower, binomialUpper } from '@selvedge/core';
import { type Context, unseenPasses } from '../context.js';
import { fill, escapeHtml as h, type Rounding } from '../format.js';
import { given, htmlTable, para } from '../html.js';
import { deltaOf } from './promise.js';

interface Row {
  readonly name: string;
  readonly value: string;
  readonly interval?: string;
  readonly n?: string;
}

/** Every figure of the replay with its interval, its number of units and its origin. */
export function measured(c: Context): string {
  const { t, n, e } = c;
  const rows = [...unitRows(c), ...certificateRows(c), ...streamRows(c), ...modelRows(c)].map((r) => [
    h(r.name),
    h(r.value),
    h(r.interval ?? '–'),
    h(r.n ?? '–'),
    c.badge,
  ]);
  const groups = e.data.groupRule === null ? '' : para(fill(t.dataGroups, { rule: e.data.groupRule }));
  const line = fill(t.dataLine, {
    name: e.data.name,
    layout: c.say(e.data.layout),
    observation: c.say(e.data.observation),
    split: c.say(e.data.splitRule),
  });
  return `${para(line)}${groups}${htmlTable([t.colFigure, t.colValue, t.colInterval, t.colN, t.colOrigin], rows, 'figures stack')}${para(fill(t.intervalNote, { confidence: n.percent(e.promise.confidence) }), 'note')}${para(fill(t.boundNote, { agreement: c.agreement }), 'note')}${para(fill(t.modelLine, { name: e.model.name, why: c.say(e.model.why) }))}${para(fill(t.parityLine, { parity: c.say(e.model.parity) }))}${setAside(c)}`;
}

function unitRows({ t, n, e }: Context): Row[] {
  const row = (name: string, { good, bad }: { good: number; bad: number }): Row => ({
    name,
    value: fill(t.goodBad, { good: n.whole(good), bad: n.whole(bad) }),
    n: n.whole(good + bad),
  });
  const { fit, calibrate, stream } = e.document.counts;
  return [row(t.rowFit, fit), row(t.rowCalibrate, calibrate), row(t.rowStream, stream)];
}

function certificateRows(c: Context): Row[] {
  const { t, n, e, per, say } = c;
  const cert = e.document.gate.certificate;
  if (cert === null) return [];
  const rows: Row[] = [];
  // A bound of 1 promises nothing: only rejects were certified.
  if (cert.escapeUpper < 1)
    rows.push({
      name: fill(t.rowCertEscape, { test: say(cert.test), per }),
      value: fill(t.upTo, { upper: n.percent(cert.escapeUpper, 'up') }),
      interval: oneSided(c, 'escape: certificate'),
      n: n.whole(cert.n),
    });
  else rows.push({ name: fill(t.rowCertEscape, { test: t.none, per }), value: t.none });
  const { certified } = e.curve;
  if (certified !== null)
    rows.push({
      name: t.rowCertCount,
      value: fill(t.countOf, { count: n.whole(certified.passedBad), of: n.whole(certified.passed) }),
      n: n.whole(cert.n),
    });
  if (cert.overkillUpper !== null)
    rows.push({
      name: fill(t.rowCertOverkill, { test: say(overkillTest(cert.test)) }),
      value: fill(t.upTo, { upper: n.percent(cert.overkillUpper, 'up') }),
      interval: oneSided(c, 'overkill: certificate'),
      n: n.whole(cert.n),
    });
  return rows;
}

/** The confidence of a bound that may use only its share of the chance of being wrong. */
function oneSided(c: Context, ...parts: readonly string[]): string {
  const { t, n, e } = c;
  const delta = deltaOf(c, ...parts) ?? 1 - e.promise.confidence;
  return fill(t.oneSided, { confidence: n.percent(1 - delta, 'down') });
}

/** The record names one test; the reject side has its own of the same family. */
const overkillTest = (test: string): string =>
  test.startsWith('betting') ? 'betting-by-group-overkill-per-unit' : 'exact-binomial-overkill-per-unit';

function streamRows(c: Context): Row[] {
  const { t, n, e, per } = c;
  const { stream: s, interventions: i } = e.document;
  const perUnit = e.promise.contract === 'per-unit';
  const share = (name: string, count: number, rate: number, rounding: Rounding = 'nearest'): Row => ({
    name,
    value: `${n.percent(rate, rounding)} (${n.whole(count)})`,
    interval: exactInterval(c, count, s.units),
    n: n.whole(s.units),
  });
  const upper = fill(t.upTo, { upper: n.percent(s.escapeUpper, 'up') });
  const passes = unseenPasses(e);
  return [
    share(t.rowAutomatic, s.automatic, s.automaticShare, 'down'),
    share(t.rowAsked, s.asked, s.units === 0 ? 0 : s.asked / s.units),
    share(t.rowAudited, s.audits, s.units === 0 ? 0 : s.audits / s.units),
    {
      ...share(t.rowEscapeUnit, s.escapes, s.escapePerUnit, 'up'),
      ...(perUnit ? { interval: upper } : {}),
    },
    {
      name: t.rowEscapePass,
      value: passes === 0 ? t.none : `${n.percent(s.escapePerAutoPass, 'up')} (${n.whole(s.escapes)})`,
      interval: passes === 0 ? t.none : perUnit ? exactInterval(c, s.escapes, passes ?? 0) : upper,
      n: passes === null ? '–' : n.whole(passes),
    },
    {
      name: fill(t.rowLive, { per }),
      value: fill(t.upTo, { upper: n.percent(s.liveUpper, 'up') }),
      interval: oneSided(c, 'escape: live', ...(perUnit ? ['escape: region'] : [])),
      n: n.whole(s.audits),
    },
    share(t.rowOverkill, s.overkills, s.overkillPerUnit, 'up'),
    {
      name: t.rowLess,
      value: n.percent(i.reduction, 'down'),
      interval: fill(t.fromTo, {
        low: n.percent(i.interval[0], 'down'),
        high: n.percent(i.interval[1], 'up'),
      }),
      n: n.whole(s.units),
    },
  ];
}

function modelRows({ t, n, e }: Context): Row[] {
  const { model, gate, counts } = e.document;
  // The units that the fit never saw.
  const good = counts.calibrate.good + counts.stream.good;
  const bad = counts.calibrate.bad + counts.stream.bad;
  const error = model.auc === null ? 0 : aucError(model.auc, good, bad);
  return [
    {
      name: t.rowAuc,
      value: model.auc === null ? '–' : n.fixed(model.auc, 3, 'down'),
      ...(model.auc === null || error === 0
        ? {}
        : {
            interval: fill(t.fromTo, {
              low: n.fixed(Math.max(0, model.auc - 1.96 * error), 3, 'down'),
              high: n.fixed(Math.min(1, model.auc + 1.96 * error), 3, 'up'),
            }),
          }),
      n: n.whole(good + bad),
    },
    { name: t.rowAccept, value: gate.accept === null ? t.none : n.reading(gate.accept) },
    { name: t.rowReject, value: gate.reject === null ? t.none : n.reading(gate.reject) },
    { name: t.rowFitTime, value: `${n.whole(model.fitMs)}\u00a0ms` },
    { name: t.rowScoreTime, value: `${n.reading(model.scoreMsMedian)}\u00a0ms` },
  ];
}

/** Exact two-sided interval of `count` in `trials` (Clopper and Pearson 1934), rounded outwards. Plain text. */
export function exactInterval({ t, n, e }: Context, count: number, trials: number): string {
  if (trials === 0 || count > trials) return '–';
  const tail = (1 - e.promise.confidence) / 2;
  return fill(t.fromTo, {
    low: n.percent(binomialLower(count, trials, tail), 'down'),
    high: n.percent(binomialUpper(count, trials, tail), 'up'),
  });
}

/** Standard error of an AUC (Hanley and McNeil 1982, Radiology 143, eq. 1); 0 where it says nothing. */
function aucError(auc: number, good: number, bad: number): number {
  if (good === 0 || bad === 0) return 0;
  const q1 = auc / (2 - auc);
  const q2 = (2 * auc * auc) / (1 + auc);
  const sum = auc * (1 - auc) + (bad - 1) * (q1 - auc * auc) + (good - 1) * (q2 - auc * auc);
  return Math.sqrt(Math.max(0, sum) / (good * bad));
}

function setAside(c: Context): string {
  const { units, examples } = c.e.data.setAside;
  if (units === 0) return '';
  const list = examples.map((x) => `<li><code>${h(x.id)}</code>: ${given(c, x.why)}</li>`).join('');
  return `${para(fill(c.t.setAside, { count: c.n.whole(units) }))}<ul>${list}</ul>`;
}
