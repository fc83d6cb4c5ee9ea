import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, violations } from './browser.js';
import { HOSTILE } from './fake-data.js';

// What a page does when the server is gone, busy or renewed, and when what it shows is hostile.

describe.skipIf(NO_BROWSER !== null)('away', () => {
  const work = atWork();

  it('says since when the server is gone, and is live again by itself', async () => {
    const { site, page, open, shot } = work();
    await open('/', '.card');
    await site.goAway();
    await page.waitForSelector('.not-connected', { timeout: 15_000 });
    expect(await page.textContent('.not-connected')).toMatch(/Not connected since \d\d:\d\d:\d\d/);
    expect(await page.locator('.card').count()).toBe(6);
    await shot('gone');
    expect(await violations(page)).toEqual([]);
    await site.comeBack();
    await page.waitForSelector('.not-connected', { state: 'detached', timeout: 20_000 });
    site.empty = true;
    site.event('arrived');
    await page.waitForSelector('.empty h2');
  });

  it('asks for a view at most every 500 ms, however many events come', async () => {
    const { site, page, open } = work();
    await open('/', '.card');
    await page.waitForTimeout(700);
    const before = site.asked.get('/api/line') ?? 0;
    const began = performance.now();
    for (let i = 0; i < 100; i++) {
      site.event('decided', { station: 'front' });
      await page.waitForTimeout(20);
    }
    await page.waitForTimeout(600);
    const lasted = performance.now() - began;
    const more = (site.asked.get('/api/line') ?? 0) - before;
    expect(more).toBeGreaterThan(1);
    expect(more).toBeLessThanOrEqual(Math.ceil(lasted / 500) + 2);
  });

  it('says to load anew where a part of the page is gone, and goes on elsewhere', async () => {
    const { page, errors, open } = work();
    await open('/', '.card');
    await page.route('**/proof-view-*', (route) => route.fulfill({ status: 404 }));
    await page.click('.card h3 a');
    await page.waitForSelector('[role=alert] .button');
    expect(await page.textContent('[role=alert]')).toContain('renewed');
    await page.click('.links a >> nth=0');
    await page.waitForSelector('.card');
    // React tells of it, and nothing else went wrong.
    expect(errors.every((error) => /dynamically imported module/.test(error))).toBe(true);
    errors.length = 0;
  });

  it('keeps the language and the bright light over a reload', async () => {
    const { site, page, open, shot } = work();
    await open('/', '.card');
    await page.selectOption('.language select', 'zh');
    await page.click('.bright');
    await page.waitForSelector('h2:text("人工干预")');
    await page.reload();
    await page.waitForSelector('h2:text("人工干预")');
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN');
    await shot('bright');
    expect(await violations(page)).toEqual([]);
    site.ask(2, 600_000);
    await open('/ask', 'canvas');
    await shot('bright-ask');
    expect(await violations(page)).toEqual([]);
  });

  it('never runs what stands in a unit, and never lets a page be wrong in silence', async () => {
    const { page, open } = work();
    await open('/', '.card');
    expect(await page.textContent('.units')).toContain(HOSTILE);
    await page.click(`.units a:text("onerror")`);
    await page.waitForSelector('.timeline');
    expect(await page.title()).toBe('Selvedge');
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    // The checks of this file are able to fail.
    await page.evaluate(() => {
      const image = document.createElement('img');
      image.src = '/mark.svg';
      document.querySelector('main')?.append(image);
    });
    expect((await violations(page)).join()).toContain('image-alt');
  });
});
