import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildConsole,
  LANGUAGES,
  launch,
  NO_BROWSER,
  openPage,
  overflow,
  SHOTS,
  violations,
} from '../packages/console/test/browser.js';
import { plantWithEquipment, until } from '../packages/site/test/plant-with-equipment.js';
import { PASSWORD } from '../packages/site/test/running-site.js';

// Real equipment on a real site in a real browser: a person turns the guard on and signs a lease, a setting is tried, a
// write stays in doubt until somebody has looked, and whoever stands at the line ends the lease.

if (NO_BROWSER) process.stdout.write(`${NO_BROWSER}\n`);

const SIZES = { tablet: { width: 820, height: 1180 }, phone: { width: 390, height: 844 } } as const;

describe.skipIf(NO_BROWSER !== null)('equipment in the console', () => {
  let web = '';
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    web = await buildConsole();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (web !== '') rmSync(web, { recursive: true, force: true });
    process.stdout.write(`pictures: ${SHOTS}\n`);
  });

  async function signIn(url: string, name: string, language = 'en') {
    const context = await browser.newContext({ viewport: SIZES.tablet, hasTouch: true });
    const { page, errors } = await openPage(context, { url, language });
    await page.goto(url);
    await page.fill('[autocomplete=username]', name);
    await page.fill('[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.card');
    return { page, errors, context };
  }
  const shot = (page: Page, name: string) =>
    page.screenshot({ path: join(SHOTS, `equipment-${name}.png`), fullPage: true });
  const shows = (page: Page, selector: string, text: string) =>
    page.locator(selector, { hasText: text }).first().waitFor({ timeout: 10_000 });

  it('is turned on, tried under a lease, doubted, looked at, and ended by whoever stands there', async () => {
    const plant = await plantWithEquipment({ consoleFolder: web });
    const { bench, site, ada, make, view } = plant;
    const { page, errors, context } = await signIn(site.address, 'Ada');
    await page.click('.menu-button');
    await page.focus('nav a[href="/equipment"]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.connector-up');
    await shows(page, '.tags tr', 'cell/force can be written100');
    // A value that changes is on the page although no row of the journal speaks of it.
    bench.set({ force: 103.5 });
    await shows(page, '.tags tr', '103.5');
    bench.set({ force: 100 });

    await page.click('text=Change the guard');
    await page.keyboard.press('Tab');
    await page.locator('dialog input[type=radio]').first().focus();
    for (const _ of ['shadow', 'advise', 'act']) await page.keyboard.press('ArrowDown');
    await shows(page, 'dialog .alarm', 'From now on plc is written to and nobody is asked first');
    await page.click('dialog button[type=submit]');
    expect(await page.textContent('dialog .wrong')).toContain('Say why');
    expect((await view()).mode).toBe('off');
    await page.fill('dialog textarea', 'trial with the shift lead');
    await shot(page, 'mode');
    expect(await violations(page)).toEqual([]);
    await page.click('dialog button[type=submit]');
    await shows(page, '.connector', 'Set by Ada: trial with the shift lead');
    expect((await view()).mode).toBe('act');

    await page.click('text=Sign a lease');
    const field = (label: string) => page.getByLabel(label, { exact: true });
    expect(await field('Value to go back to').inputValue()).toBe('100');
    expect(await page.textContent('dialog')).toContain('The configuration allows 0 to 200');
    await field('Least value').fill('-5');
    await field('Largest value').fill('500');
    await field('Value to go back to').fill('700');
    await page.fill('dialog textarea', 'first trial');
    await page.click('dialog button[type=submit]');
    await shows(page, 'dialog .faults li', 'The bounds must lie within 0 to 200.');
    expect(await page.locator('dialog .faults li').count()).toBe(2);
    await shot(page, 'lease-faults');
    expect(await violations(page)).toEqual([]);
    await field('Least value').fill('80');
    await field('Largest value').fill('120');
    await field('Largest step').fill('7,5');
    await field('Value to go back to').fill('100');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.leases li');
    expect((await view()).leases[0]).toMatchObject({ bounds: [80, 120], maxStep: 7.5, user: 'Ada' });
    const left = await page.textContent('.lease-left');
    await until(async () => (await page.textContent('.lease-left')) !== left);
    expect(left).toMatch(/^[78]:\d\d:\d\d left$/);

    /** One unit; what is written for the next one is there before it comes. */
    const unit = async (): Promise<string> => {
      const force = Number(bench.values.force);
      const id = await make({ loss: Math.abs(110 - force) / 10, 'force-used': force });
      await page.waitForTimeout(40);
      return id;
    };
    for (let i = 0; i < 60 && ((await view()).openings[0]?.better.n ?? 0) < 2; i += 1) await unit();
    expect((await view()).openings[0]?.better.n).toBeGreaterThanOrEqual(2);
    await shows(page, '.openings li', 'Trial');
    await shows(page, '.openings li', 'at best');
    await shows(page, '.writes li', 'done');
    bench.set({ running: false });
    for (let i = 0; i < 4; i += 1) await unit();
    await shows(page, '.writes li', 'An interlock did not allow it.');
    bench.set({ running: true });

    bench.outcome = 'unknown';
    let doubted = '';
    for (let i = 0; i < 12 && (await view()).doubts.length === 0; i += 1) {
      doubted = await unit();
    }
    bench.outcome = 'done';
    await page.goto(site.address);
    await shows(page, '.card .troubles', 'Nobody knows whether cell/');
    await shot(page, 'line');
    expect(await violations(page)).toEqual([]);
    await page.tap('.card .troubles a');
    await page.waitForSelector('.doubts li');
    const { doubts } = await view();
    expect(await page.locator('.doubts li').count()).toBe(doubts.length);
    await shot(page, 'doubt');

    await page.goto(`${site.address}/unit/${doubted}`);
    await shows(page, '.timeline', 'is not known: a person has to look');
    await page.goto(`${site.address}/equipment`);
    await page.waitForSelector('.doubts li');
    for (let n = doubts.length; n > 0; n -= 1) {
      await page.locator('.doubts input').first().fill('it stands at its old value');
      await page.locator('.doubts button').first().tap();
      await until(async () => (await page.locator('.doubts li').count()) === n - 1);
    }
    const seen = site.parts.journal.read({ kind: 'write-seen', limit: 100 });
    expect(seen.map(({ body }) => (body as { note: string }).note)).toEqual(
      doubts.map(() => 'it stands at its old value'),
    );

    await ada.post('/api/users', { name: 'Budi', role: 'operator', password: PASSWORD });
    const budi = await signIn(site.address, 'Budi');
    await budi.page.goto(`${site.address}/equipment`);
    await shows(budi.page, '.notice', 'takes the role “quality”');
    expect(await budi.page.locator('text=Change the guard').count()).toBe(0);
    expect(await budi.page.locator('text=Sign a lease').count()).toBe(0);
    await budi.page.locator('.leases button').tap();
    await until(async () => (await budi.page.locator('.leases li').count()) === 0);
    // Ada sees it without asking.
    await until(async () => (await page.locator('.leases li').count()) === 0);
    expect((await view()).leases).toEqual([]);
    await until(() => bench.values.force === 100);
    expect(site.parts.journal.read({ kind: 'lease-ended', limit: 9 })).toMatchObject([
      { body: { why: 'withdrawn' } },
    ]);
    await bench.stop();
    await page.waitForSelector('.connector-down');
    expect([...errors, ...budi.errors]).toEqual([]);
    await budi.context.close();
    await context.close();
    await bench.start();
  }, 240_000);

  it('reads alike on a tablet and a phone, in three languages, with nothing wrong for axe', async () => {
    const plant = await plantWithEquipment({ consoleFolder: web });
    const { bench, site, ada, mode, make, view } = plant;
    await mode('act');
    const lease = { target: 'cell/force', station: 'press', bounds: [80, 120], maxStep: 10, hours: 1 };
    await ada.post('/api/equipment/plc/leases', { ...lease, rollBack: 100, reason: 'first trial' });
    for (let i = 0; i < 4; i += 1) await make();
    bench.outcome = 'unknown';
    for (let i = 0; i < 12 && (await view()).doubts.length === 0; i += 1) {
      await make({ 'force-wanted': 105 });
      await until(async () => (await view()).writes.every(({ outcome }) => outcome !== null));
    }
    for (const language of LANGUAGES) {
      const { page, errors, context } = await signIn(site.address, 'Ada', language);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await page.goto(`${site.address}/equipment`);
        await page.waitForSelector('.doubts li');
        await page.waitForSelector(`html[lang^=${language}]`);
        await shot(page, `${size}-${language}`);
        expect([size, language, await violations(page), await overflow(page)]).toEqual([
          size,
          language,
          [],
          0,
        ]);
      }
      expect(errors).toEqual([]);
      await context.close();
    }
  }, 240_000);
});
