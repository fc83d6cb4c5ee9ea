import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, SHOTS, SIZES, violations } from './browser.js';
import { offsets } from './fake-live.js';

describe.skipIf(NO_BROWSER !== null)('what came of a moment', () => {
  const work = atWork();

  it('stands beside the line from its beginning, can be put away and looked at again, in every language', async () => {
    const { site, page, open } = work();
    site.stage = true;
    await open('/', '.stage-moments');
    expect(await page.locator('.stage-showing').count()).toBe(0);
    await page.click('.stage-moments >> text=Cut the network');
    await page.waitForSelector('.stage-showing >> text=Back after 5 covers.');
    expect(await page.textContent('.stage-showing h2')).toBe('Cut the network');
    expect(await page.textContent('.stage-showing')).toContain('simulated data');
    // Single readings, a course, and the bound that both are seen against.
    expect(await page.locator('.stage-chart circle[cx]').count()).toBeGreaterThanOrEqual(3);
    expect(await page.locator('.stage-chart .limit').count()).toBe(1);
    expect(await page.locator('.stage-table tbody td').allTextContents()).toEqual(['A', '3.49', 'B', '–']);
    await page.click('.stage-moments >> text=A new lot');
    await page.waitForSelector('.stage-showing h2 >> text=A new lot');
    // Put away, and the other one instead.
    await page.click('.stage-foot button[aria-pressed=true]');
    await page.waitForFunction(() => document.querySelector('.stage-showing') === null);
    await page.click('[aria-label="Figures of “Cut the network”"]');
    await page.waitForSelector('.stage-showing h2 >> text=Cut the network');
    expect(await violations(page)).toEqual([]);
    for (const [language, said] of [
      ['zh', '5 件后恢复。'],
      ['id', 'Kembali setelah 5 sarung.'],
    ] as const) {
      await page.evaluate((code) => localStorage.setItem('selvedge:language', code), language);
      await open('/', `.stage-showing >> text=${said}`);
    }
    await page.setViewportSize(SIZES.phone);
    await page.screenshot({ path: `${SHOTS}/work-stage-phone.png`, fullPage: true });
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBe(0);
  });

  it('shows the picture of the newest finished unit beside the one that is being made', async () => {
    const { site, page, open } = work();
    site.live = true;
    site.show.say('side', { 'm2/live/offset': offsets(40) });
    const seen = { kind: 'image', href: '/api/blobs/R-1.svg', width: 800, height: 600 };
    await page.route('**/api/units/S-55102/observation', (route) => route.fulfill({ json: seen }));
    await open('/', '.live-trace:has(.live-at)');
    await page.waitForSelector('.live-picture img[alt="Picture of S-55102"]');
    expect(await page.locator('.live-picture figcaption').allTextContents()).toEqual([
      'Last finished: S-55102',
    ]);
    // The newest readings one by one: a mark for each of 40.
    expect((await page.getAttribute('.live-marks', 'd'))?.match(/M/g)).toHaveLength(40);
  });
});
