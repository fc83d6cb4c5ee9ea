import { replayDocumentSchema } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import {
  closedEvidence,
  type Document,
  FIXTURES,
  openEvidence,
  shadowEvidence,
  steps,
  textOf,
  withDocument,
} from '../../test/evidence.js';
import { renderReport } from './render-report.js';
import { TEXTS } from './texts/texts.js';

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
