import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildConsole,
  launch,
  NO_BROWSER,
  openPage,
  SHOTS,
  violations,
} from '../packages/console/test/browser.js';
import { plantWithEquipment } from '../packages/site/test/plant-with-equipment.js';
import { PASSWORD } from '../packages/site/test/running-site.js';

// A real site beside equipment, in a real browser: a unit is drawn as it is made, a presenter lets something happen at the
// line and sees it there, and what people did by hand stands in the ledger.

if (NO_BROWSER) process.stdout.write(`${NO_BROWSER}\n`);

const words = (en: string) => ({ en, zh: `${en} (zh)`, id: `${en} (id)` });

describe.skipIf(NO_BROWSER !== null)('the live line', () => {
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
  });

  it('is seen while it works, and a presenter lets something happen at it', async () => {
    let pull = () => {};
    let over = () => {};
    const plant = await plantWithEquipment({
      consoleFolder: web,
      stage: {
        moments: [{ id: 'pull', title: words('Pull harder'), about: words('The force goes up by half.') }],
        play: () => {
          pull();
          return new Promise((resolve) => {
            over = resolve;
          });
        },
        facts: async () => [{ title: words('Units so far'), value: 1 }],
      },
    });
    const { bench, site, ada, make, answer } = plant;
    const trace = (n: number, level = 10) => Array.from({ length: n }, (_, i) => level + Math.sin(i / 4));
    pull = () => bench.set({ trace: trace(30, 15) });

    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const { page, errors } = await openPage(context, { url: site.address, language: 'en' });
    await page.goto(site.address);
    await page.fill('[autocomplete=username]', 'Ada');
    await page.fill('[type=password]', PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.live-unit');
    const readings = () => page.locator('.live-trace svg').getAttribute('aria-label');
    for (const n of [20, 40, 60]) {
      bench.set({ trace: trace(n) });
      await expect.poll(readings, { timeout: 5000 }).toContain(`N, ${n} readings so far`);
    }
    await answer(await make({ trace: trace(60) }));
    await page.click('text=Pull harder');
    await expect.poll(readings, { timeout: 5000 }).toContain('N, 30 readings so far');
    expect(await page.locator('.live-before').getAttribute('d')).toMatch(/^M/);
    await page.waitForSelector('.stage-playing');
    over();
    await page.waitForSelector('.stage-played >> text=shown at');
    expect(await page.textContent('.stage-facts')).toBe('Units so far1');
    expect(await page.textContent('.stage')).toContain('simulated data');

    // A pulled plug: what was seen stays, and no scale jumps.
    const path = await page.locator('.live-trace .trace').last().getAttribute('d');
    await bench.stop();
    await page.waitForSelector('.live-unit >> text=No good value from the equipment now', {
      timeout: 10_000,
    });
    expect(await page.locator('.live-trace .trace').last().getAttribute('d')).toBe(path);

    await ada.post('/api/interventions', { station: 'press', type: 'tension', seconds: 40 });
    await page.waitForSelector('.touches >> text=setting changed');
    expect(await page.locator('.touches table').count()).toBe(2);
    expect(await page.locator('.touches table').first().textContent()).toContain('setting changed140100.00');
    await page.screenshot({ path: join(SHOTS, 'live-real.png'), fullPage: true });
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await context.close();
  }, 60_000);
});
