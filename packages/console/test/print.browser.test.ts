import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, overflow } from './browser.js';

// The shift report on paper: how many sheets, nothing cut off, nothing dark, and none of what belongs to the screen.

/** A4 less its margins of 14 mm at 96 dots an inch. */
const SHEET = { width: 688, height: 1017 };
/** Chromium writes its page objects uncompressed. */
const pages = (pdf: Buffer) => pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;

describe.skipIf(NO_BROWSER !== null)('the shift report on paper', () => {
  const work = atWork();

  it('takes one sheet on an ordinary day, and of many changes as many as they fill', async () => {
    const { site, page, open } = work();
    const sheets = async () => pages(await page.pdf({ preferCSSPageSize: true }));
    await open('/shift', '.sheet');
    expect(await sheets()).toBe(1);
    site.changes = 60;
    await open('/shift', '.sheet');
    const made = await sheets();
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize(SHEET);
    const filled = await page.evaluate(() => document.querySelector('.sheet')?.scrollHeight ?? 0);
    expect(filled).toBeGreaterThan(2 * SHEET.height);
    // What must not be broken may push one sheet further, never to a blank one.
    expect(made - Math.ceil(filled / SHEET.height)).toBeGreaterThanOrEqual(0);
    expect(made - Math.ceil(filled / SHEET.height)).toBeLessThanOrEqual(1);
  });

  it.each(['en', 'zh', 'id'])(
    'is not cut off and is black on white, also from a dark screen, in %s',
    async (language) => {
      const { page, open, shot } = work();
      await page.addInitScript((code) => localStorage.setItem('selvedge:language', code), language);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.setViewportSize(SHEET);
      await open('/shift', '.sheet');
      expect(await overflow(page)).toBe(0);
      const seen = await page.evaluate(() => ({
        ground: getComputedStyle(document.body).backgroundColor,
        sheet: getComputedStyle(document.querySelector('.sheet') as Element).backgroundColor,
        ink: getComputedStyle(document.querySelector('.sheet h1') as Element).color,
        screen: [...document.querySelectorAll('.top, .shift-choice')].filter(
          (one) => getComputedStyle(one).display !== 'none',
        ).length,
      }));
      const white = 'rgb(255, 255, 255)';
      expect(seen).toEqual({ ground: white, sheet: white, ink: 'rgb(0, 0, 0)', screen: 0 });
      await shot(`paper-${language}`);
    },
  );
});
