import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Evidence, replayDocumentSchema } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { renderReport } from './render-report.js';
import { TEXTS } from './texts/texts.js';

const HOSTILE = `"><script>alert('x')</script><img src=https://evil.example/a.png onerror=alert(1)>&\u0000`;
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const steps = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A replay whose gate opened at unit 300, watched at 2,400 and opened again. */
function openEvidence(): Evidence {
  const units = 4000;
  return {
    document: {
      specVersion: '1',
      origin: 'recorded',
      recipe: 'novelty',
      seed: 7,
      counts: {
        fit: { good: 900, bad: 61 },
        calibrate: { good: 1870, bad: 130 },
        stream: { good: 3741, bad: 259 },
      },
      model: { auc: 0.97351, fitMs: 1234, scoreMsMedian: 0.4321 },
      classes: null,
      gate: {
        state: 'open',
        reason: 'the audits prove the budget and the audit rate is at its floor',
        accept: 1.23456,
        reject: null,
        certificate: {
          test: 'fixed-n binomial',
          n: 2000,
          escapeUpper: 0.008123,
          overkillUpper: null,
          confidence: 0.95,
        },
      },
      stream: {
        units,
        automatic: 3204,
        asked: 796,
        automaticShare: 0.801,
        escapes: 17,
        escapePerUnit: 0.00425,
        escapePerAutoPass: 17 / 3204,
        escapeUpper: 0.006371,
        liveUpper: 0.009412,
        overkills: 0,
        overkillPerUnit: 0,
        audits: 411,
        transitions: [
          { unit: 0, from: 'shadow', to: 'ramp', why: 'certificate' },
          { unit: 1300, from: 'ramp', to: 'open', why: 'audit rate at its floor' },
          { unit: 2400, from: 'open', to: 'watch', why: 'score alarm' },
          { unit: 2900, from: 'watch', to: 'open', why: 'audits find no harm' },
        ],
      },
      interventions: { before: 1, after: 0.30175, reduction: 0.69825, interval: [0.68376, 0.71242] },
      warnings: [
        { code: 'order-unknown', detail: 'there is no time column: the order is a seeded shuffle' },
        { code: 'something-new', detail: 'a code that the catalogue does not know' },
      ],
    },
    promise: {
      escapeRate: 0.01,
      overkillRate: 0,
      confidence: 0.95,
      contract: 'per-unit',
      signedBy: 'nobody yet: this is a replay',
      reason: 'asked for on the command line',
      ledger: [
        { part: 'escape: certificate', delta: 0.025 },
        { part: 'escape: live', delta: 0.0125 },
        { part: 'escape: region', delta: 0.0075 },
      ],
    },
    data: {
      name: 'cycles',
      layout: 'table',
      observation: 'series',
      splitRule: 'by the column split',
      groupRule: 'fabric',
      setAside: { units: 2, examples: [{ id: 'row 17', why: 'not a number in column 4' }] },
    },
    model: { name: 'novelty', why: 'good samples only', parity: 'largest difference 3e-7 on 32 samples' },
    curve: {
      points: steps(100).map((i) => ({
        share: (i + 1) / 100,
        escapeUpper: 0.0015 + 0.09 * ((i + 1) / 100) ** 12,
        escapeRate: 0.065 * ((i + 1) / 100) ** 12,
      })),
      certified: { share: 0.8125, escapeUpper: 0.008123, passed: 1625, passedBad: 9 },
    },
    live: steps(400).map((i) => ({
      unit: 10 * (i + 1),
      state: i < 130 ? 'ramp' : i < 240 ? 'open' : i < 290 ? 'watch' : 'open',
      auditRate: i < 130 ? 1 / (1 + i / 12) : i >= 240 && i < 290 ? 0.3 : 0.08,
      audits: i,
      liveUpper: Math.min(1, 0.008 + 3 / (3 + 2 * i)),
      truth: 0.0042 + 0.002 * Math.sin(i / 30),
      automaticShare: 0.8 - 0.3 / (1 + i),
    })),
    drift: {
      unitOfObservation: 'unit',
      alarmLog10: 2,
      closeLog10: 4,
      harmWatchLog10: 2.477,
      harmCloseLog10: 4.301,
      points: steps(400).map((i) => ({
        unit: 10 * (i + 1),
        level: i > 200 && i < 290 ? -0.5 + (i - 200) / 30 : -0.5 + 0.4 * Math.sin(i / 9),
        spread: -0.8 + 0.3 * Math.cos(i / 13),
        harm: i === 5 ? Number.NEGATIVE_INFINITY : -1.1 + 0.2 * Math.sin(i / 21),
      })),
      alarms: [{ unit: 2400, what: 'level of the scores above the alarm line' }],
    },
    worstEscapes: [
      {
        id: 'unit-0001',
        label: 'loose',
        score: 0.41,
        view: {
          kind: 'series',
          values: steps(120).map((i) => 5 + Math.sin(i / 6) + (i > 60 && i < 70 ? 1.5 : 0)),
          typical: steps(120).map((i) => 5 + Math.sin(i / 6)),
          channels: 1,
        },
      },
      {
        id: 'unit-0002',
        label: 'ring',
        score: 0.52,
        view: {
          kind: 'map',
          width: 24,
          height: 24,
          values: steps(576).map((i) => {
            const r = Math.hypot((i % 24) - 11.5, Math.floor(i / 24) - 11.5);
            return r > 12 ? 0 : r > 9.5 ? 2 : 1;
          }),
        },
      },
      {
        id: 'unit-0003',
        label: 'scratch',
        score: 0.55,
        view: { kind: 'picture', png: PIXEL, heatPng: PIXEL },
      },
      {
        id: 'unit-0004',
        label: 'shifted',
        score: 0.57,
        view: {
          kind: 'row',
          cells: [
            { name: 'offset-x', value: 12.3456, typical: 1.5 },
            { name: 'volume', value: 88, typical: 101.25 },
          ],
        },
      },
      { id: 'unit-0005', label: 'other', score: 0.6, view: { kind: 'none' } },
    ],
    assumptions: [
      { text: 'The labels are right.', check: 'A second person judges a blind sample.' },
      { text: 'Audits are drawn at random.', check: 'Each draw can be recomputed.' },
    ],
    repeat: {
      command: 'selvedge replay cycles.csv --escape 0.01 --seed 7',
      version: '0.1.0',
      commit: 'a'.repeat(40),
      dataHash: '1'.repeat(64),
      modelHash: '2'.repeat(64),
      certificateHash: '3'.repeat(64),
      auditSecretHash: '4'.repeat(64),
      auditSecret: '5'.repeat(64),
    },
  };
}

type Document = Evidence['document'];
const withDocument = (e: Evidence, change: (d: Document) => Document): Evidence => ({
  ...e,
  document: change(e.document),
});

/** Nothing certified, nothing automatic. */
const shadowEvidence = (): Evidence => {
  const e = openEvidence();
  return {
    ...withDocument(e, (d) => ({
      ...d,
      model: { ...d.model, auc: null },
      gate: {
        state: 'shadow',
        reason: 'too few bad units for this budget',
        accept: null,
        reject: null,
        certificate: null,
      },
      stream: {
        units: 4000,
        automatic: 0,
        asked: 4000,
        automaticShare: 0,
        escapes: 0,
        escapePerUnit: 0,
        escapePerAutoPass: 0,
        escapeUpper: 0.00075,
        liveUpper: 1,
        overkills: 0,
        overkillPerUnit: 0,
        audits: 0,
        transitions: [],
      },
      interventions: { before: 1, after: 1, reduction: 0, interval: [0, 0.0009] },
      warnings: [],
    })),
    curve: { points: [], certified: null },
    live: [],
    drift: { ...e.drift, points: [], alarms: [] },
    worstEscapes: [],
    repeat: { ...e.repeat, certificateHash: null, commit: null },
  };
};

/** Harm was shown and the gate closed; classes were called. */
const closedEvidence = (): Evidence =>
  withDocument(openEvidence(), (d) => ({
    ...d,
    classes: {
      macroF1: 0.91237,
      perClass: {
        ring: { precision: 0.95, recall: 0.9, f1: 0.9243, units: 100 },
        scratch: { precision: 0.9, recall: 0.95, f1: 0.9243, units: 40 },
      },
      confusion: { ring: { ring: 90, scratch: 10 }, scratch: { ring: 2, scratch: 38 } },
    },
    gate: { ...d.gate, state: 'closed', reason: 'harm: audits found too many bad units', reject: 4.5 },
    stream: {
      ...d.stream,
      escapes: 61,
      escapePerUnit: 0.0123,
      transitions: [...d.stream.transitions, { unit: 3500, from: 'open', to: 'closed', why: 'harm' }],
    },
  }));

const simulatedEvidence = (): Evidence =>
  withDocument(openEvidence(), (d) => ({ ...d, origin: 'simulated' }));

/** Every text that comes from outside tries to break out. */
const hostileEvidence = (): Evidence => {
  const soil = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return ['specVersion', 'origin', 'state', 'from', 'to', 'contract', 'kind'].includes(key)
        ? value
        : HOSTILE;
    if (Array.isArray(value)) return value.map((x) => soil(x));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([k, v]) => [
          key === 'perClass' || key === 'confusion' ? `${k}${HOSTILE}` : k,
          soil(v, k),
        ]),
      );
    return value;
  };
  return soil(closedEvidence()) as Evidence;
};

const FIXTURES = {
  open: openEvidence,
  shadow: shadowEvidence,
  closed: closedEvidence,
  simulated: simulatedEvidence,
  hostile: hostileEvidence,
};
const LANGUAGES = ['en', 'zh', 'id'] as const;
const CASES = Object.entries(FIXTURES).flatMap(([name, make]) =>
  LANGUAGES.map((language) => ({ name, language, html: renderReport(make(), { language }) })),
);

/** The first fault of the nesting of tags, or null. The page is written so that XML's rules hold. */
function nestingFault(html: string): string | null {
  const open: string[] = [];
  const body = html.replace(/^<!doctype html>/, '').replace(/<style>[\s\S]*?<\/style>/g, '');
  for (const m of body.matchAll(/<([^>]*)>/g)) {
    const inside = m[1]!;
    const parsed = /^(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+\s*=\s*"[^"<]*")*)\s*(\/?)$/.exec(inside);
    if (!parsed) return `not a tag: <${inside.slice(0, 120)}>`;
    const [, close, name, , self] = parsed;
    if (close) {
      const last = open.pop();
      if (last !== name) return `</${name}> closes <${last}>`;
    } else if (!self) open.push(name!);
  }
  return open.length === 0 ? null : `left open: ${open.join(' ')}`;
}

const textOf = (html: string): string =>
  html
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

describe.each(CASES)('report of $name in $language', ({ name, language, html }) => {
  it('gives the same bytes again, whatever was drawn in between', () => {
    expect(renderReport(FIXTURES[name as keyof typeof FIXTURES](), { language })).toBe(html);
  });

  it('asks nothing from outside and runs nothing', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(html).not.toMatch(/<script/i);
    expect(html).not.toMatch(/<[^>]*\son\w+=/i);
    expect(html).not.toMatch(/<[^>]*(?:src|href)="(?!data:image\/|#)/i);
    expect(html).not.toMatch(/@import|url\((?!['"]?#)/i);
    const linked = textOf(html).includes('evil.example') ? html.replaceAll('https://evil.example', '') : html;
    expect(linked).not.toMatch(/https?:\/\//);
  });

  it('is well nested, with ids that are unique', () => {
    expect(nestingFault(html)).toBeNull();
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/url\(['"]?#([^)'"]+)/g)) expect(ids).toContain(id);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(textOf(html)).not.toMatch(/\{\w+\}/);
  });

  it('names and describes every chart, and shows its origin', () => {
    const figures = [...html.matchAll(/<figure>[\s\S]*?<\/figure>/g)].map((m) => m[0]);
    expect(figures.length).toBeGreaterThanOrEqual(5);
    for (const f of figures) {
      expect(f).toMatch(/<title id="\w+">[^<]+<\/title><desc id="\w+">[^<]+<\/desc>/);
      expect(f).toContain('class="badge ');
      if (name === 'simulated') expect(textOf(f)).toContain(TEXTS[language].simulatedShort);
    }
  });
});

describe('what the report says', () => {
  it('has fixtures that are documents', () => {
    for (const make of Object.values(FIXTURES)) replayDocumentSchema.parse(make().document);
  });

  it('contains each figure of the document, bounds rounded away from the reader', () => {
    const text = textOf(renderReport(closedEvidence())).replaceAll(/\s+/g, ' ');
    for (const figure of [
      '80.1 %',
      '3 204',
      '796',
      '411',
      '17',
      '1.23 %',
      '0.531 %',
      '≤ 0.638 %',
      '≤ 0.942 %',
      '≤ 0.813 %',
      '2 000',
      '69.8 %',
      '68.3 %',
      '71.3 %',
      '0.973',
      '1 234 ms',
      '0.4321 ms',
      '1.235',
      '4.5',
      '0.912',
      '0.924',
      '900 good, 61 bad',
      '1 870 good, 130 bad',
      '3 741 good, 259 bad',
      '2.5 %',
    ])
      expect(text, figure).toContain(figure);
    for (const hash of Object.values(openEvidence().repeat)) expect(text).toContain(hash);
    for (const t of closedEvidence().document.stream.transitions) expect(text).toContain(t.why);
  });

  it('says whether the budget was kept, and what no escapes prove', () => {
    expect(renderReport(openEvidence())).toContain(TEXTS.en.answerWithin);
    expect(renderReport(closedEvidence())).toContain(TEXTS.en.answerAbove);
    expect(renderReport(shadowEvidence())).toContain(TEXTS.en.escapesNothing);
    const clean = withDocument(openEvidence(), (d) => ({ ...d, stream: { ...d.stream, escapes: 0 } }));
    expect(textOf(renderReport(clean))).toContain('does not show that none can happen');
  });

  it('says with which confidence each bound can be computed again', () => {
    const text = textOf(renderReport(openEvidence())).replaceAll(/\s+/g, ' ');
    // 1 - .025 of the certificate, 1 - .0125 - .0075 of the audits per unit; 95 % of the promise as a whole.
    expect(text).toMatch(/Certificate [^≤]+ ≤ 0\.813 % one-sided, 97\.5 % 2 000/);
    expect(text).toMatch(/Bad units among those [^0-9]+ 9 of 1 625 – 2 000/);
    expect(text).toMatch(/proved by the audits alone ≤ 0\.942 % one-sided, 98 % 411/);
    expect(text).toContain('on 2 000 labelled units that the model had never seen');
    expect(text).toContain('alone they show at most 0.638 % at 95 %');
    expect(textOf(renderReport(shadowEvidence()))).not.toContain('The proof is the certificate');
  });

  it('shows a figure the same wherever it stands', () => {
    const odd = withDocument(openEvidence(), (d) => ({
      ...d,
      stream: { ...d.stream, automaticShare: 0.80178, escapePerUnit: 0.0042541 },
    }));
    const text = textOf(renderReport(odd));
    expect(text).toContain('80.1\u00a0%');
    expect(text).not.toContain('80.2\u00a0%');
    expect(text).toContain('0.426\u00a0%');
    expect(text).not.toContain('0.425\u00a0%');
  });

  it('draws each channel of a series for itself', () => {
    const e = openEvidence();
    const values = steps(300).map((i) => 100 * (i % 3) + Math.sin(i / 9));
    const view = { kind: 'series', values, typical: values, channels: 3 } as const;
    const text = textOf(renderReport({ ...e, worstEscapes: [{ id: 'a', label: 'b', score: 1, view }] }));
    for (const channel of [1, 2, 3]) expect(text).toContain(`reading, channel ${channel}`);
    expect(text).not.toContain('more channels');
    const wide = { ...view, channels: 6 } as const;
    const cut = textOf(renderReport({ ...e, worstEscapes: [{ id: 'a', label: 'b', score: 1, view: wide }] }));
    expect(cut).not.toContain('reading, channel 5');
    expect(cut).toContain('2 more channels are in report.json');
    // 100 readings a channel, each near 100 times its number: no axis spans two of them.
    expect(text).not.toMatch(/reading, channel 1[^:]*\b(100|200)\b[^:]*reading, channel 2/);
  });

  it('lists all escapes as all, and some as some', () => {
    const some = textOf(renderReport(openEvidence()));
    expect(some).toContain('The 5 of 17 escapes');
    const all = withDocument(openEvidence(), (d) => ({ ...d, stream: { ...d.stream, escapes: 5 } }));
    expect(textOf(renderReport(all))).toContain('Every escape of this replay (5)');
  });

  it('promises nothing where nothing was passed or no pass was certified', () => {
    const { stream: idle } = shadowEvidence().document;
    const perPass = (d: Document): Document => ({ ...d, stream: { ...idle, escapeUpper: 1 } });
    const e = withDocument(shadowEvidence(), perPass);
    const shut = textOf(renderReport({ ...e, promise: { ...e.promise, contract: 'per-pass' } }));
    expect(shut).toContain(TEXTS.en.cardEscapesNone.replace('{budget}', '1\u00a0%'));
    expect(shut).toMatch(/Escapes among automatic passes \(truth\)\s+none\s+none/);
    expect(shut).not.toContain('≤ 0');
    const rejects = withDocument(openEvidence(), (d) => ({
      ...d,
      gate: {
        ...d.gate,
        accept: null,
        reject: 4.5,
        certificate: { ...d.gate.certificate!, escapeUpper: 1, overkillUpper: 0.004 },
      },
    }));
    expect(textOf(renderReport(rejects))).toMatch(/Certificate \(none\): escapes [\w ]+none/);
  });

  it('counts the per-pass rate over the passes that nobody looked at', () => {
    // 3,204 automatic decisions, 411 of them audited.
    const clean = withDocument(openEvidence(), (d) => ({
      ...d,
      stream: { ...d.stream, escapes: 0, escapePerUnit: 0, escapePerAutoPass: 0 },
    }));
    expect(textOf(renderReport(clean)).replaceAll(/\s+/g, ' ')).toMatch(
      /Escapes among automatic passes \(truth\) 0 % \(0\) 0 % to [\d.]+ % 2 793 /,
    );
  });

  it('speaks of operators where the labels are live, of the labels given elsewhere', () => {
    const live = withDocument(openEvidence(), (d) => ({ ...d, origin: 'live' }));
    expect(textOf(renderReport(live))).toContain('agreement with operators');
    expect(textOf(renderReport(live))).not.toContain('agreement with the labels given');
    expect(textOf(renderReport(openEvidence()))).toContain('agreement with the labels given');
  });

  it('draws a small budget where it is', () => {
    const e = openEvidence();
    const html = renderReport({ ...e, promise: { ...e.promise, escapeRate: 0.005 } });
    // Axis 0..2 % between y = 290 and y = 30: 0.5 % stands a quarter up.
    expect(html).toMatch(/M66 225L83[\d.]+ 225"[^>]*stroke="#d55e00"/);
  });

  it('draws no picture that would be fetched', () => {
    const e = openEvidence();
    const view = { kind: 'picture', png: 'https://evil.example/a.png', heatPng: null } as const;
    const html = renderReport({ ...e, worstEscapes: [{ id: 'a', label: 'b', score: 1, view }] });
    expect(html).not.toContain('evil.example');
  });
});

// To look at the pages: SELVEDGE_REPORT_OUT=folder writes the fixtures there.
const out = process.env.SELVEDGE_REPORT_OUT;
if (out !== undefined)
  for (const { name, language, html } of CASES) writeFileSync(join(out, `${name}-${language}.html`), html);
