import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../src/language/texts.js';
import { buildConsole, launch, NO_BROWSER, openPage, overflow, SHOTS, SIZES, violations } from './browser.js';
import { forces, offsets } from './fake-live.js';
import { type FakeSite, startFakeSite } from './fake-site.js';

// Every view at desk and phone width in every language: nothing wrong for axe, nothing cut off, nothing refused by
// the content-security policy, nothing asked of the outside. The pictures are kept, to be looked at.

if (NO_BROWSER) process.stdout.write(`${NO_BROWSER}\n`);

interface View {
  readonly name: string;
  readonly path: string;
  readonly set?: (site: FakeSite) => void;
  readonly ready: string;
  /** What is seen is over soon: it is asked anew for each language. */
  readonly soon?: true;
}

const VIEWS: readonly View[] = [
  { name: 'setup', path: '/setup', ready: 'form', set: (site) => Object.assign(site, { needsOwner: true }) },
  { name: 'sign-in', path: '/', ready: 'form', set: (site) => Object.assign(site, { signedIn: false }) },
  { name: 'line', path: '/', ready: '.card' },
  {
    ...{ name: 'line-live', path: '/', ready: '.live-trace:has(.live-at)' },
    set: (site) => {
      Object.assign(site, { live: true, stage: true });
      site.show.play('lot', 'played');
      site.show.play('network', 'failed', 'the line does not answer');
      site.show.say('front', { 'm1/live/offset': offsets(140), 'm1/live/force': forces(140) });
      site.show.say('front', { 'm1/live/step': 140, 'm1/live/unit': 'F-118421' });
      site.show.say('side', { 'm2/live/offset': [] });
    },
  },
  {
    ...{ name: 'ask-idle-live', path: '/ask', ready: '.live-trace:has(.live-at)' },
    set: (site) => {
      site.live = true;
      site.show.say('front', { 'm1/live/offset': offsets(90), 'm1/live/unit': 'F-118421' });
    },
  },
  { name: 'line-empty', path: '/', ready: '.empty', set: (site) => Object.assign(site, { empty: true }) },
  {
    name: 'ask-series',
    path: '/ask',
    ready: '.trace',
    set: (site) => {
      for (const n of [0, 1, 2, 3]) site.ask(n);
    },
  },
  { name: 'ask-image', path: '/ask', ready: '.picture img', set: (site) => site.ask(1) },
  { name: 'ask-map', path: '/ask', ready: 'canvas', set: (site) => site.ask(2, 8000), soon: true },
  { name: 'ask-pair', path: '/ask', ready: '.pair .trace', set: (site) => site.ask(90) },
  { name: 'ask-empty', path: '/ask', ready: '.ask-empty' },
  { name: 'proof', path: '/station/front', ready: '.plot' },
  { name: 'proof-shadow', path: '/station/side', ready: '.proof-state' },
  { name: 'unit', path: '/unit/S-55103', ready: '.trace' },
  { name: 'unit-pair', path: '/unit/P-1', ready: '.pair .trace' },
  { name: 'unit-row', path: '/unit/A-1', ready: '.readings' },
  { name: 'unit-unknown', path: '/unit/unknown', ready: '.empty' },
  { name: 'equipment', path: '/equipment', ready: '.doubts' },
  {
    ...{ name: 'equipment-calm', path: '/equipment', ready: '.connector' },
    set: (site) => Object.assign(site, { connected: 'calm', role: 'operator' }),
  },
  {
    ...{ name: 'equipment-empty', path: '/equipment', ready: '.empty h2' },
    set: (site) => Object.assign(site, { connected: 'none' }),
  },
  { name: 'shift', path: '/shift', ready: '.sheet' },
  { name: 'people', path: '/people', ready: '.people' },
];

describe.skipIf(NO_BROWSER !== null)('every view', () => {
  let folder = '';
  let browser: Browser;
  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    folder = await buildConsole();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
    process.stdout.write(`pictures: ${SHOTS}\n`);
  });

  describe.each(Object.keys(SIZES) as (keyof typeof SIZES)[])('at %s', (size) => {
    let context: BrowserContext;
    beforeAll(async () => {
      context = await browser.newContext({
        viewport: SIZES[size],
        hasTouch: size === 'phone',
        timezoneId: 'Asia/Jakarta',
      });
    });
    afterAll(() => context?.close());

    it.each(VIEWS)('$name', async ({ name, path, set, ready, soon }) => {
      const wrong: string[] = [];
      const site = await startFakeSite(folder);
      set?.(site);
      const { page, errors } = await openPage(context, { url: site.url, language: 'en' });
      const load = async () => {
        await page.goto(site.url + path);
        await page.waitForSelector(ready);
      };
      for (const { code, tag } of LANGUAGES) {
        // One language is looked at in the dark.
        await page.emulateMedia({ colorScheme: code === 'id' ? 'dark' : 'light' });
        if (code === 'en') await load();
        // On a phone the choice lies in a menu.
        await page.locator('.language select').selectOption(code, { force: true });
        if (soon && code !== 'en') {
          site.clear();
          set?.(site);
          await load();
        }
        await page.waitForFunction((lang) => document.documentElement.lang === lang, tag);
        await page.waitForSelector(ready);
        await page.waitForTimeout(80);
        await page.screenshot({
          path: join(SHOTS, `${name}-${size}-${code}.png`),
          fullPage: !name.startsWith('ask'),
        });
        wrong.push(...(await violations(page)).map((what) => `${code}: ${what}`));
        const wide = await overflow(page);
        if (wide > 0) wrong.push(`${code}: ${wide} px wider than the screen`);
      }
      await page.close();
      await site.close();
      expect([...wrong, ...errors, ...site.broken]).toEqual([]);
    });
  });
});
