import type { Evidence } from '@selvedge/core/records';
import { drawChart } from './chart.js';
import { curveChart, driftChart, interventionChart, liveChart, workChart } from './charts.js';
import { escapeHtml } from './format.js';
import * as part from './sections.js';
import { STYLE } from './style.js';

/**
 * The evidence report as one self-contained HTML page: no script, no request to outside. Pure: the same
 * evidence gives the same bytes.
 */
export function renderReport(e: Evidence): string {
  const { origin } = e.document;
  const title = `Evidence report: ${e.data.name}`;
  const band =
    origin === 'simulated'
      ? '<p class="band">Simulated data: shows the method, proves nothing about a plant.</p>'
      : '';
  const chart = (c: Parameters<typeof drawChart>[0]) => `${band}${drawChart(c)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body class="${origin}"><header><h1>${escapeHtml(title)}</h1><p><span class="badge">${origin}</span> A replay: what the line would have done, unit by unit, with the labels hidden until a person was asked.</p></header>
${part.answer(e)}
${part.section('What was promised', part.promise(e))}
${part.section('How it was measured', part.measured(e))}
${part.section('How much can be automatic, for which risk', chart(curveChart(e)))}
${part.section('What the audits prove', `${chart(liveChart(e))}${chart(workChart(e))}${part.states(e)}`)}
${part.section('Has anything changed', `${chart(driftChart(e))}${part.alarms(e)}`)}
${part.section('Interventions', `${chart(interventionChart(e))}<p>An intervention here is one judgement of a unit by a person: before, every unit; after, the asked and the audited ones. Nothing else a person does is counted in it.</p>`)}
${part.section('Worst escapes', part.escapes(e))}
${part.classes(e)}
${part.section('Warnings', part.warnings(e))}
${part.section('What this rests on', part.assumptionList(e))}
${part.section('Do it again', part.repeat(e))}
${part.section('Words', part.glossary())}
</body></html>
`;
}
