import type { SiteReport } from '@selvedge/core/records';
import { escapeHtml as h, numbersOf } from '../format.js';
import { pairs } from '../html.js';
import { page, type Section } from '../page.js';
import { said } from '../said/said.js';
import { type Language, TEXTS } from '../texts/texts.js';
import type { SiteContext } from './context.js';
import { answer, assumptions, check } from './sections/ground.js';
import { stationSection } from './sections/station.js';
import { SITE_TEXTS } from './texts/texts.js';

/**
 * The report of a period as one page: no script, nothing fetched, prints on A4. Pure: the same report and language give
 * the same bytes.
 */
export function renderSiteReport(report: SiteReport, { language }: { readonly language: Language }): string {
  const shared = TEXTS[language];
  const t = SITE_TEXTS[language];
  const { origin, site, period, journal } = report;
  const name = {
    live: shared.originLive,
    recorded: shared.originRecorded,
    public: shared.originPublic,
    simulated: shared.originSimulated,
  }[origin];
  const time = clockOf(site.timezone);
  const c: SiteContext = {
    ...{ report, language, t, shared, time, n: numbersOf(language) },
    badge: `<span class="badge ${origin}">${h(name)}</span>`,
    say: (text) => said(text, language) ?? text,
    fill: (template, values) => template.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole),
  };
  const values = { from: time(period.fromMs), to: time(period.toMs), zone: site.timezone };
  const rows = journal.rows;
  const sections: Section[] = [
    { title: t.sAnswer, body: answer(c) },
    ...report.stations.map((station) => ({
      title: c.fill(t.sStation, { name: station.name }),
      body: stationSection(c, station),
    })),
    { title: t.sCheck, body: check(c) },
    { title: t.sAssumptions, body: assumptions(c) },
    { title: t.sWords, body: words(c) },
  ];
  return page(
    {
      ...{ language, t: shared, badge: c.badge },
      title: c.fill(t.title, { name: site.name }),
      subtitle:
        rows === null
          ? c.fill(t.noRows, values)
          : c.fill(t.subtitle, { ...values, first: c.n.whole(rows.from), last: c.n.whole(rows.to) }),
      band: origin === 'simulated' ? shared.simulatedBand : null,
    },
    sections,
  );
}

function words({ shared: t }: SiteContext): string {
  const list = [
    [t.wGate, t.wGateText],
    [t.wStates, t.wStatesText],
    [t.wBudget, t.wBudgetText],
    [t.wEscape, t.wEscapeText],
    [t.wOverkill, t.wOverkillText],
    [t.wAudit, t.wAuditText],
    [t.wCertificate, t.wCertificateText],
    [t.wBound, t.wBoundText],
  ] as const;
  return pairs(list.map(([word, text]) => [h(word), h(text)] as const));
}

/** A moment as the clocks of the plant show it: the same on every machine. */
function clockOf(timezone: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    ...{
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    },
  });
  return (atMs) => {
    const part = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return `${part.get('year')}-${part.get('month')}-${part.get('day')} ${part.get('hour')}:${part.get('minute')}:${part.get('second')}`;
  };
}
