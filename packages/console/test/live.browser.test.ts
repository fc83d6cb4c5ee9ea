import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, overflow, SHOTS, violations } from './browser.js';
import { forces, offsets } from './fake-live.js';

// A unit while it is being made, and the presenter's panel.

describe.skipIf(NO_BROWSER !== null)('live', () => {
  const work = atWork();
  const FRONT = 'article:has-text("Front cover")';

  it('draws a unit as it grows, in a scale and a place that stand still', async () => {
    const { site, page, open, shot } = work();
    site.live = true;
    await open('/', '.live-unit');
    const { show } = site;
    // The first unit gives the scale.
    show.say('front', {
      'm1/live/offset': offsets(200),
      'm1/live/force': forces(200),
      'm1/live/step': 200,
    });
    await page.waitForSelector(`${FRONT} .live-trace:has(.live-at)`);
    show.say('front', {
      'm1/live/offset': [],
      'm1/live/force': [],
      'm1/live/unit': 'F-2',
      'm1/live/step': 0,
    });
    await page.waitForSelector(`${FRONT} .live-before[d^=M]`);
    const path = page.locator(`${FRONT} .live-path`);
    const box = () => page.locator(FRONT).boundingBox();
    const scale = () => page.locator(`${FRONT} .panel-high`).first().textContent();
    const before = { box: await box(), scale: await scale() };
    const points = async () => ((await path.getAttribute('d')) ?? '').split('L').length;
    for (const n of [20, 80, 160]) {
      show.say('front', {
        'm1/live/offset': offsets(n, 0.5),
        'm1/live/force': forces(n, 118),
        'm1/live/step': n,
      });
      await expect.poll(points).toBe(n);
      expect({ box: await box(), scale: await scale() }).toEqual(before);
    }
    // Four fifths of the way from left to right.
    expect(Number(/([\d.]+) [\d.]+$/.exec((await path.getAttribute('d')) ?? '')?.[1])).toBeCloseTo(
      (400 * 159) / 199,
      0,
    );
    const said = page.locator(`${FRONT} .live-unit svg`).first();
    expect(await said.getAttribute('aria-label')).toMatch(/^Offset so far: now -?[\d.]+ mm, 160 readings/);
    // Nothing in it is read aloud by itself.
    expect(
      await page.locator('.live-unit :is([aria-live], [role=status], [role=alert], output)').count(),
    ).toBe(0);
    expect(await page.textContent(`${FRONT} .live-values`)).toContain('160');
    await shot('live');
    await page.waitForSelector(`${FRONT} >> text=Stands still`, { timeout: 8000 });
    expect(await violations(page)).toEqual([]);
  });

  it('opens one stream, lets go of it where nobody looks, and comes back after a cut', async () => {
    const { site, page, open, until } = work();
    site.live = true;
    await open('/', '.live-unit');
    const { show } = site;
    await until(() => show.open().length === 1);
    expect(show.open()).toEqual([['front', 'side']]);
    const hide = (hidden: boolean) =>
      page.evaluate((to) => {
        Object.defineProperty(document, 'visibilityState', {
          value: to ? 'hidden' : 'visible',
          configurable: true,
        });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await until(() => show.open().length === 0);
    await hide(false);
    await until(() => show.open().length === 1);
    show.cut();
    await until(() => show.open().length === 1);
    // Held: the others go on.
    await page.click(`${FRONT} >> text=Hold the picture`);
    await until(() => show.open()[0]?.length === 1);
    expect(show.open()).toEqual([['side']]);
    await page.click('nav >> text=People');
    await page.waitForSelector('.people');
    await until(() => show.open().length === 0);
    await page.goBack();
    await until(() => show.open().length === 1);
  });

  it('draws seldom for whoever asked for less motion', async () => {
    const { site, page, open } = work();
    site.live = true;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    site.show.say('front', { 'm1/live/offset': offsets(10) });
    await open('/', `${FRONT} .live-trace:has(.live-at)`);
    await page.evaluate(() => {
      const path = document.querySelector('.live-path');
      const counts = globalThis as unknown as { drawn: number };
      counts.drawn = 0;
      if (path) new MutationObserver(() => counts.drawn++).observe(path, { attributeFilter: ['d'] });
    });
    for (let n = 11; n <= 25; n++) {
      site.show.say('front', { 'm1/live/offset': offsets(n) });
      await page.waitForTimeout(200);
    }
    const drawn = await page.evaluate(() => (globalThis as unknown as { drawn: number }).drawn);
    expect(drawn).toBeGreaterThanOrEqual(1);
    expect(drawn).toBeLessThanOrEqual(3);
  });

  it('shows what is being made while nothing is asked', async () => {
    const { site, page, open } = work();
    site.live = true;
    site.show.say('side', { 'm2/live/offset': offsets(40) });
    await open('/ask', '.idle-live .live-trace:has(.live-at)');
    site.ask(0);
    await page.waitForSelector('.ask .trace');
    expect(await page.locator('.live-unit').count()).toBe(0);
    expect(await page.textContent('h1')).toContain('S-');
  });

  it('lets a presenter play moments in order, says how each went, and shows nothing where there is no stage', async () => {
    const { site, page, open, shot, until } = work();
    await open('/', '.card');
    expect(await page.locator('.stage').count()).toBe(0);
    expect(site.asked.get('/api/stage')).toBeUndefined();
    site.stage = true;
    await open('/', '.stage-moments');
    expect(await page.locator('.stage-moments button').allTextContents()).toEqual([
      '1A new lot',
      '2Cut the network',
      '3A second plant joins',
    ]);
    expect(await page.textContent('.stage')).toContain('simulated data');
    await page.click('.stage-moments >> text=Cut the network');
    await until(() => site.done.length === 1);
    expect(site.done[0]?.path).toBe('/api/stage/network');
    await page.waitForSelector('.stage-playing >> text=under way since');
    expect(await page.isDisabled('.stage-moments >> text=Cut the network')).toBe(true);
    site.show.play('network', 'failed', 'the line does not answer');
    await page.waitForSelector('.stage-failed >> text=The line does not answer.');
    site.show.play('network', 'played');
    await page.waitForSelector('.stage-played >> text=shown at');
    expect(await page.locator('.stage-facts a').getAttribute('href')).toBe('http://127.0.0.1:9/');
    await shot('stage');
    site.role = 'operator';
    await open('/', '.stage-moments');
    // They may look at what came of it, and start nothing.
    expect(await page.locator('.stage-moments button.big:enabled').count()).toBe(0);
    expect(await page.textContent('.stage')).toContain('engineer');
  });

  it('fits a tablet and a phone', async () => {
    const { site, page, open } = work();
    Object.assign(site, { live: true, stage: true });
    site.show.say('front', {
      'm1/live/offset': offsets(140),
      'm1/live/force': forces(140),
      'm1/live/unit': 'F-118421',
    });
    for (const [name, width, height] of [
      ['tablet', 834, 1112],
      ['small-phone', 320, 640],
    ] as const) {
      await page.setViewportSize({ width, height });
      await open('/', '.live-trace:has(.live-at)');
      await page.screenshot({ path: `${SHOTS}/work-live-${name}.png`, fullPage: true });
      expect([name, await overflow(page)]).toEqual([name, 0]);
    }
  });

  it('keeps the ledger in two parts with a sum each, and leads to the shift report', async () => {
    const { page, open } = work();
    await open('/', '.touches');
    expect(await page.locator('.touches tfoot').allTextContents()).toEqual([
      'all of them261,8600.68 (0.64–0.75)',
      'all of them8734,53022.91 (22.87–22.98)',
    ]);
    await page.click('text=To the shift report');
    await page.waitForSelector('.sheet');
  });
});
