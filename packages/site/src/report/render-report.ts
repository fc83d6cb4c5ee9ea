import type { Evidence } from '@selvedge/core/records';
import { curveChart } from './charts/curve.js';
import { figure } from './charts/figure.js';
import { contextOf } from './context.js';
import { fill } from './format.js';
import { para } from './html.js';
import { page, type Section } from './page.js';
import { answer } from './sections/answer.js';
import { classes } from './sections/classes.js';
import { escapes } from './sections/escapes.js';
import { assumptions, glossary, repeat, warnings } from './sections/ground.js';
import { measured } from './sections/measured.js';
import { promise } from './sections/promise.js';
import { drift, interventions, live } from './sections/stream.js';
import type { Language } from './texts/texts.js';

/**
 * The evidence report as one self-contained HTML page (also well-formed as XML but for its doctype): no script,
 * no request to outside. Pure: the same evidence and language give the same bytes.
 */
export function renderReport(
  evidence: Evidence,
  { language }: { readonly language: Language } = { language: 'en' },
): string {
  const c = contextOf(evidence, language);
  const { t } = c;
  const sections: Section[] = [
    { title: t.sAnswer, body: answer(c) },
    { title: t.sPromise, body: promise(c) },
    { title: t.sMeasured, body: measured(c) },
    { title: t.sCurve, body: `${figure(c, curveChart(c))}${para(t.curveNote, 'note')}` },
    { title: t.sLive, body: live(c) },
    { title: t.sDrift, body: drift(c) },
    { title: t.sInterventions, body: interventions(c) },
    { title: t.sEscapes, body: escapes(c) },
    { title: t.sClasses, body: classes(c) ?? para(t.noClasses) },
    { title: t.sWarnings, body: warnings(c) },
    { title: t.sAssumptions, body: assumptions(c) },
    { title: t.sRepeat, body: repeat(c) },
    { title: t.sGlossary, body: glossary(c) },
  ];
  const head = {
    ...{ language, t, badge: c.badge },
    title: fill(t.title, { name: evidence.data.name }),
    subtitle: t.subtitle,
    band: evidence.document.origin === 'simulated' ? t.simulatedBand : null,
  };
  return page(head, sections);
}
