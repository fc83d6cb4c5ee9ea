import { createHmac } from 'node:crypto';
import { type SiteReport, siteReportSchema } from '@selvedge/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportedPlant } from '../../../test/reported-plant.js';
import { CsvLines } from './csv.js';
import { type Cell, journalSpan, makeSiteReport } from './make-site-report.js';
import { renderSiteReport } from './render-site-report.js';
import { checkSeal, differences, sealReport } from './seal.js';

const LANGUAGES = ['en', 'zh', 'id'] as const;

let ran: Awaited<ReturnType<typeof reportedPlant>>;
let report: SiteReport;
const decisions: (readonly Cell[])[] = [];
const interventions: (readonly Cell[])[] = [];
const ends: (() => Promise<void>)[] = [];

const own = () => report.stations[0]!;
const one = (sql: string, ...values: string[]): number =>
  Number(ran.parts.journal.db.prepare(sql).get(...values)?.n);

describe('the report of a shift that a site ran', () => {
  beforeAll(async () => {
    ran = await reportedPlant((act) => ends.unshift(act));
    const span = journalSpan(ran.file);
    report = makeSiteReport({
      ...{ file: ran.file, fromMs: span.firstMs, toMs: span.lastMs + 1 },
      onDecision: (cells) => decisions.push(cells),
      onIntervention: (cells) => interventions.push(cells),
    });
  }, 60_000);

  afterAll(async () => {
    for (const end of ends) await end();
  });

  it('is made while the site runs, fits its schema, and ends at the newest row', () => {
    expect(siteReportSchema.parse(report)).toEqual(report);
    expect(ran.opened).toBe('open');
    const { head } = ran.parts.journal;
    expect(report.journal.head).toMatchObject(head);
    expect(report.origin).toBe('live');
    expect(report.journal.rows).toMatchObject({ from: 1, to: head.seq, count: head.seq });
  });

  it('counts what the tables of the site count', () => {
    const automatic = one("SELECT count(*) AS n FROM unit WHERE decided_by = 'gate'");
    const audits = one('SELECT count(*) AS n FROM unit WHERE audit = 1');
    const passed = one("SELECT count(*) AS n FROM unit WHERE disposition = 'pass'");
    expect(own().units).toMatchObject({
      ...{ arrived: 703, decided: 703, automatic, asked: 700 - automatic },
      ...{ defaulted: 0, waiting: 3, noScore: 0 },
    });
    expect(own().audits).toEqual({ drawn: audits, done: audits, overdue: 0, notBlind: 0 });
    expect(audits).toBeGreaterThan(0);
    expect(own().released).toMatchObject({ pass: passed, reject: 700 - passed });
    const judged = 700 - automatic + audits;
    expect(own().before).toMatchObject({ units: 400, judgements: 400, judgementsPerUnit: 1 });
    expect(own().after).toMatchObject({ units: 300, judgements: judged - 400 });
    expect(own().reduction?.value).toBeCloseTo(1 - (judged - 400) / 300, 12);
    expect(own().interventions.find(({ verdict }) => verdict)).toMatchObject({
      count: judged,
      seconds: Math.round(judged * 900) / 1000,
    });
  });

  it('keeps touches apart, and knows what was found and reworked', () => {
    const others = own().interventions.filter(({ verdict }) => !verdict);
    expect(others.map(({ type, count, seconds }) => [type, count, seconds])).toEqual([
      ['realign', 1, 40],
      ['rework', 1, 90],
    ]);
    const { good, produced, reworked, firstPassYield } = own().yield;
    expect(produced).toBe(700);
    // One good unit was found bad at the customer, another one had to be reworked.
    expect(good).toBe(own().released.pass - 1);
    expect(reworked).toBe(1);
    expect(firstPassYield?.share).toBeCloseTo((own().released.pass - 2) / 700, 12);
    expect(others[0]?.per100Good?.value).toBeCloseTo(100 / good, 12);
    expect(own().errors).toMatchObject({ escapes: 1, misread: 0 });
    expect(own().errors.findings).toMatchObject([
      { unit: ran.escape, where: 'customer', label: 'crack', kind: 'escape' },
    ]);
    expect(own().lots.map(({ lot, units }) => [lot, units])).toEqual([
      ['L1', 200],
      ['L2', 200],
      ['L3', 300],
    ]);
    expect(own().energy).toBeNull();
  });

  it('says who signed what, what was proved before the epoch ended, and why the gate moved', () => {
    expect(own().signatures.map(({ escapeRate, by }) => [escapeRate, by])).toEqual([
      [0.05, 'user:quality'],
      [0.02, 'user:quality'],
    ]);
    expect(own().transitions.map(({ from, to }) => `${from} ${to}`)).toContain('shadow open');
    const [ended] = own().ended;
    expect(ended).toMatchObject({ epoch: 1, escapeRate: 0.05 });
    expect(ended?.liveUpper).toBeGreaterThan(0);
    expect(own().gate).toMatchObject({ epoch: 2, state: 'shadow', liveUpper: null, promised: null });
    const [certificate] = own().certificates;
    expect(certificate).toMatchObject({ n: 400, bads: 20, epoch: 1 });
    expect(certificate?.escapeUpper).toBeLessThanOrEqual(0.05);
  });

  it('makes every draw of the opened epoch again, and finds one that was not drawn so', () => {
    expect(own().draws).toMatchObject([
      { epoch: 1, opened: { fits: true, checked: 700, wrong: 0 } },
      { epoch: 2, opened: null },
    ]);
    const secret = Buffer.from(own().draws[0]?.opened?.secret ?? '', 'hex');
    const bytes = createHmac('sha256', secret).update(ran.escape).digest();
    const draw = Number(bytes.readBigUInt64BE(0) >> 11n) / 2 ** 53;
    const row = decisions.find((cells) => cells[3] === ran.escape);
    expect(row?.[13]).toBe(draw);
  });

  it('tells nothing of a unit whose question is open', () => {
    expect(decisions).toHaveLength(703);
    const open = decisions.filter((cells) => cells[14] === 'open');
    expect(open.map((cells) => cells[3])).toEqual(['fine-w0', 'fine-w1', 'fine-w2']);
    expect(open.every((cells) => cells.slice(6, 14).every((cell) => cell === null))).toBe(true);
    expect(interventions).toHaveLength(own().interventions.reduce((sum, { count }) => sum + count, 0));
  });

  it('counts a part of the shift as that part, and the rest as the rest', () => {
    const { fromMs, toMs } = report.period;
    const middle = Math.round((fromMs + toMs) / 2);
    const part = (from: number, to: number) =>
      makeSiteReport({ file: ran.file, fromMs: from, toMs: to }).stations[0]!;
    const [first, second] = [part(fromMs, middle), part(middle, toMs)];
    for (const name of ['arrived', 'decided'] as const)
      expect(first.units[name] + second.units[name]).toBe(own().units[name]);
    expect(first.released.pass + second.released.pass).toBe(own().released.pass);
    expect(second.signatures.length + first.signatures.length).toBeGreaterThanOrEqual(2);
  });

  it('is refused where there is no row', () => {
    const { file } = ran;
    expect(() => makeSiteReport({ file, fromMs: 0, toMs: 1 })).toThrow(/no row before the end/);
  });

  it.each(LANGUAGES)('is a page that runs nothing and leaves no place empty: %s', (language) => {
    const html = renderSiteReport(report, { language });
    expect(renderSiteReport(structuredClone(report), { language })).toBe(html);
    expect(html).not.toMatch(/<script|<link|<iframe|src="?https?:|\{\w+\}|undefined|NaN/);
    const heads = html.match(/<h3>.*?<\/h3>/g) ?? [];
    expect(heads.length).toBeGreaterThan(10);
    expect(heads.filter((head) => !head.includes('class="badge live"'))).toEqual([]);
    expect(html).toContain(report.journal.head.hash);
    expect(html).toContain(report.key?.fingerprint);
    expect(html).toContain(own().draws[1]?.commitment);
  });

  it('shows hostile names as text', () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const html = renderSiteReport(
      {
        ...report,
        site: { ...report.site, name: hostile },
        stations: [{ ...own(), name: hostile, lots: [{ ...own().lots[0]!, lot: hostile }] }],
      },
      { language: 'en' },
    );
    expect(html).not.toContain('<img');
    const lines = new CsvLines(['a', 'b']);
    lines.add(['=1+1', 'x,"y"']);
    expect(lines.bytes().toString()).toBe('a,b\r\n\'=1+1,"x,""y"""\r\n');
  });

  it('says that made-up units prove nothing', () => {
    const html = renderSiteReport({ ...report, origin: 'simulated' }, { language: 'en' });
    expect(html).toContain('class="badge simulated"');
    expect(html).toContain('SIMULATED: shows what the program does');
  });

  it('is sealed: every single figure that is changed is named, and nothing else', () => {
    const seal = sealReport(report, {
      ...{ key: null, madeAtMs: 1, version: 'test', language: 'en' },
      files: new Map([['decisions.csv', 'a']]),
    });
    const files = () => Buffer.from('a');
    expect(checkSeal({ report, seal }, { files, key: null })).toEqual([]);
    const station = structuredClone(own());
    station.units.automatic += 1;
    const changed = { ...report, stations: [station] };
    const found = [{ what: 'figure-changed', place: 'stations[0].units.automatic' }];
    expect(checkSeal({ report: changed, seal }, { files, key: null })).toMatchObject(found);
    expect(checkSeal({ report: changed, seal }, { files, key: null })).toHaveLength(1);
    expect(differences(changed, report)).toEqual([
      {
        place: 'stations[0].units.automatic',
        reported: String(station.units.automatic),
        journal: String(own().units.automatic),
      },
    ]);
    expect(checkSeal({ report, seal }, { files: () => Buffer.from('b'), key: null })).toEqual([
      { what: 'file-changed', name: 'decisions.csv' },
    ]);
    expect(checkSeal({ report, seal: { ...seal, madeAtMs: 2 } }, { files, key: null })).toEqual([
      { what: 'seal-changed' },
    ]);
  });
});
