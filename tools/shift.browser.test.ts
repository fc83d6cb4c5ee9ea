// Functions of this file run in the page; the types of tests know no browser otherwise.
/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LineView, ProofView } from '@selvedge/core/records';
import { openSite, parseConfig, type RunningSite } from '@selvedge/site';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Language } from '../packages/console/src/language/texts.js';
import {
  buildConsole,
  launch,
  NO_BROWSER,
  openPage,
  overflow,
  SHOTS,
  SIZES,
  violations,
} from '../packages/console/test/browser.js';
import { untranslated } from '../packages/console/test/untranslated.js';
import { pressPlant, pressSite } from './shift-kit/press-plant.js';

// A whole shift at a real site in a real browser: the owner of a new plant, a budget that is signed, a gate that
// opens on answers by key and by touch, a fault that only audits can see, a gate that closes and earns its way back.
// Every step is looked at: nothing wrong for axe, nothing wider than the screen, nothing left in English.

if (NO_BROWSER) process.stdout.write(`${NO_BROWSER}\n`);

interface Shift {
  readonly language: Language;
  readonly size: keyof typeof SIZES;
  readonly ways: readonly ('keyboard' | 'touch')[];
  readonly trial: string;
  readonly mended: string;
}

/** What is typed in each language, so that no word of the test stands for one of the console. */
const SHIFTS: readonly Shift[] = [
  {
    ...{ language: 'en', size: 'desk', ways: ['keyboard', 'touch'] },
    ...{ trial: 'first trial of this gate', mended: 'the tool was changed' },
  },
  {
    ...{ language: 'zh', size: 'phone', ways: ['touch'] },
    ...{ trial: '第一次试用此闸门', mended: '模具已更换' },
  },
  {
    ...{ language: 'id', size: 'phone', ways: ['touch'] },
    ...{ trial: 'uji coba pertama gerbang ini', mended: 'cetakan sudah diganti' },
  },
];

const PASSWORD = 'correct horse battery';
/** Names of this plant, of who works there, of its units and models, and what stands in the journal of its past. */
const NAMES =
  /\b(?:Ada|Press 1|North|Shift plant|(?:good|bad)-\d+|novelty\/[\w/.-]+|[0-9a-f]{8,}|simulated-quality|Etc\/UTC|simulated: the budget of the built-in line)\b/g;

/** A site of its own, and a page at it; what is wrong with what is seen is gathered. */
async function atSite(
  shift: Shift,
  { browser, web, onTestFinished }: { browser: Browser; web: string } & Pick<TestContext, 'onTestFinished'>,
) {
  const { language, size } = shift;
  const folder = mkdtempSync(join(tmpdir(), 'selvedge-shift-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const plant = pressPlant();
  const read = parseConfig(pressSite(join(folder, 'data')), join(folder, 'site.yaml'));
  if (read.config === null) throw new Error(JSON.stringify(read.faults));
  const site = await openSite({
    config: read.config,
    simulators: new Map([['trial', plant.simulate]]),
    consoleFolder: web,
    version: 'test',
    past: { fit: 300, shadow: 100 },
  });
  onTestFinished(() => site.close());
  const context = await browser.newContext({ viewport: SIZES[size], hasTouch: true });
  onTestFinished(() => context.close());
  const { page, errors } = await openPage(context, { url: site.address, language });
  // Three sites and their pages are at work on few cores.
  page.setDefaultTimeout(120_000);
  const wrong: string[] = [];
  let step = 0;
  const look = async (name: string, at: keyof typeof SIZES = size) => {
    const about = `${++step}-${name}`.padStart(name.length + 3, '0');
    await page.screenshot({ path: join(SHOTS, `shift-${at}-${language}-${about}.png`) });
    const wide = await overflow(page);
    if (wide > 0) wrong.push(`${about} at ${at}: ${wide} px wider than the screen`);
    const found = [...(await violations(page)), ...(await untranslated(page, { language, names: NAMES }))];
    wrong.push(...found.map((what) => `${about} at ${at}: ${what}`));
  };
  return { plant, site, page, errors, wrong, look };
}

/** Answers what the page asks, in each of the ways in turn, until it is so and `least` are answered. */
async function answerUntil(
  done: () => boolean,
  { page, site, ways, least = 0 }: { page: Page; site: RunningSite; ways: Shift['ways']; least?: number },
): Promise<void> {
  await page.goto(`${site.address}/ask`);
  let answered = 0;
  let last = '';
  const end = Date.now() + 240_000;
  while (!(done() && answered >= least) && Date.now() < end) {
    const title = (await page.textContent('.ask h1').catch(() => null)) ?? '';
    const unit = /(good|bad)-\d+/.exec(title);
    if (unit === null || title === last) {
      await page.waitForTimeout(50);
      if (title !== last) continue;
      // The same question for long: the press fell within the guard against bounces.
    }
    last = title;
    if (unit === null) continue;
    const bad = unit[1] === 'bad';
    if (ways[answered % ways.length] === 'keyboard') await page.keyboard.press(bad ? '2' : '1');
    else await page.tap(bad ? '.answer-bad' : '.answer-good');
    answered++;
    await page.waitForTimeout(330);
  }
  expect(done()).toBe(true);
  expect(answered).toBeGreaterThanOrEqual(least);
}

/** Bad units that an audit drew, and that the person at the page called bad. */
const foundByAudit = (site: RunningSite): string[] =>
  site.parts.journal.db
    .prepare(
      `SELECT DISTINCT u.id FROM unit u JOIN journal j ON j.subject = u.id AND j.kind = 'answered'
       WHERE u.audit = 1 AND u.bad = 1 AND u.final_bad = 1 AND u.id LIKE 'bad-%'
       AND j.body ->> '$.by' IN ('keyboard', 'touch') AND j.body ->> '$.counts'`,
    )
    .all()
    .map(({ id }) => String(id));

describe.skipIf(NO_BROWSER !== null)('a shift', () => {
  let web = '';
  let browser: Browser;
  beforeAll(async () => {
    web = await buildConsole();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (web !== '') rmSync(web, { recursive: true, force: true });
    process.stdout.write(`pictures of the shift: ${SHOTS}\n`);
  });

  // Most of a shift is waiting: the three go on side by side, each at a site of its own.
  it.concurrent.for(SHIFTS)(
    'in $language at $size opens a plant, proves, decides, finds, closes and begins anew',
    { timeout: 900_000 },
    async (shift, { onTestFinished }) => {
      const { plant, site, page, errors, wrong, look } = await atSite(shift, {
        browser,
        web,
        onTestFinished,
      });
      const at = { page, site, ways: shift.ways };
      const station = () => site.parts.live.station('press');
      const api = <T>(path: string): Promise<T> =>
        page.evaluate(async (at) => (await fetch(at)).json(), path) as Promise<T>;
      const press = (what: string) => (shift.size === 'phone' ? page.tap(what) : page.click(what));
      const say = async (reason: string) => {
        await page.fill('dialog textarea', reason);
        await press('dialog button[type=submit]');
        await page.waitForSelector('dialog', { state: 'detached' });
      };

      await page.goto(site.address);
      await page.waitForSelector('form');
      const fields = page.locator('form input');
      await fields.nth(0).fill(site.code ?? '');
      await fields.nth(1).fill('Ada');
      await fields.nth(2).fill(PASSWORD);
      await look('setup');
      await press('form button[type=submit]');
      await page.waitForSelector('.card');
      await look('shadow');
      // Where a person answers, the simulated readers of the line leave the questions to them.
      await answerUntil(() => true, { ...at, least: 2 });
      await page.goto(site.address);

      await press('.card h3 a');
      await page.waitForSelector('.proof-state');
      await look('proof-in-shadow');
      await press('.page-head .button.primary');
      await page.locator('dialog input').nth(0).fill('10');
      await page.locator('dialog input[inputmode=numeric]').fill('60');
      await page.fill('dialog textarea', shift.trial);
      await look('sign');
      await say(shift.trial);
      await expect
        .poll(() => station().gate)
        .toMatchObject({ name: 'shadow', plan: { plannedUnits: 60, budget: { escapeRate: 0.1 } } });

      await answerUntil(() => station().gate?.name === 'open', { ...at, least: 24 });
      await look('ask');
      await page.goto(site.address);
      await page.waitForSelector('.card-open');
      await look('open');

      plant.hidden = true;
      await answerUntil(() => foundByAudit(site).length > 0, at);
      const [unit = ''] = foundByAudit(site);
      await page.goto(`${site.address}/unit/${unit}`);
      await page.waitForSelector('.timeline');
      await look('unit-found');
      expect((await api<ProofView>('/api/stations/press/proof')).auditsBad).toBeGreaterThan(0);
      await answerUntil(() => station().gate?.name === 'closed', at);
      expect(station().gate).toMatchObject({ name: 'closed' });
      await page.goto(site.address);
      await page.waitForSelector('.card-closed');
      await look('closed');
      const closed = await api<LineView>('/api/line');
      expect(closed.stations[0]).toMatchObject({ state: 'closed' });

      plant.hidden = false;
      await press('.card h3 a');
      await page.waitForSelector('.plot');
      await look('proof-closed');
      await press('.page-head .button:not(.primary)');
      await page.waitForSelector('dialog textarea');
      await look('begin-anew');
      await say(shift.mended);
      await expect.poll(() => station().gate).toMatchObject({ name: 'shadow' });
      await answerUntil(() => station().gate?.name === 'open', at);

      await page.goto(`${site.address}/shift`);
      await page.waitForSelector('.sheet');
      await look('report');

      const other = shift.size === 'desk' ? 'phone' : 'desk';
      await page.setViewportSize(SIZES[other]);
      for (const [name, path, ready] of [
        ['line', '/', '.card-open'],
        ['ask', '/ask', '.ask'],
        ['proof', '/station/press', '.plot'],
        ['report', '/shift', '.sheet'],
      ] as const) {
        await page.goto(site.address + path);
        await page.waitForSelector(ready);
        await look(`back-${name}`, other);
      }
      expect([...wrong, ...errors]).toEqual([]);
    },
  );
});
