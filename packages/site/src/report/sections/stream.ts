import { driftChart } from '../charts/drift.js';
import { figure } from '../charts/figure.js';
import { interventionChart } from '../charts/interventions.js';
import { liveChart, workChart } from '../charts/live.js';
import { type Context, stateName } from '../context.js';
import { fill, escapeHtml as h } from '../format.js';
import { given, htmlTable, para } from '../html.js';

const MOST_ALARMS = 30;

/** What the audits prove, who decides, and when the gate changed its state. */
export function live(c: Context): string {
  const { t, n } = c;
  const { transitions } = c.e.document.stream;
  const rows = transitions.map((x, i) => [
    String(i + 1),
    n.whole(x.unit),
    h(stateName(c, x.from)),
    h(stateName(c, x.to)),
    given(c, x.why),
  ]);
  const table =
    rows.length === 0
      ? para(t.noTransitions)
      : htmlTable(['#', t.colUnit, t.colFrom, t.colTo, t.colWhy], rows, 'words stack');
  return `${figure(c, liveChart(c))}${para(fill(t.boundNote, { agreement: c.agreement }), 'note')}<h3>${h(t.transitionsTitle)} ${c.badge}</h3>${table}${figure(c, workChart(c))}`;
}

/** Evidence of drift and the alarms that it raised. */
export function drift(c: Context): string {
  const { t, n } = c;
  const { alarms } = c.e.drift;
  const rows = alarms.slice(0, MOST_ALARMS).map((a) => [n.whole(a.unit), given(c, a.what)]);
  const more =
    alarms.length > MOST_ALARMS
      ? para(fill(t.moreAlarms, { count: n.whole(alarms.length - MOST_ALARMS) }))
      : '';
  const list =
    rows.length === 0
      ? para(t.noAlarms)
      : `${htmlTable([t.colUnit, t.alarmsTitle], rows, 'words stack')}${more}`;
  return `${figure(c, driftChart(c))}<h3>${h(t.alarmsTitle)} ${c.badge}</h3>${list}`;
}

/** Judgements by people, before and after. */
export function interventions(c: Context): string {
  return `${figure(c, interventionChart(c))}${para(c.t.interventionMeaning)}`;
}
