import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  buildConsole,
  LANGUAGES,
  launch,
  NO_BROWSER,
  openPage,
  SHOTS,
  SIZES,
  violations,
} from './browser.js';
import { type FakeSite, startFakeSite } from './fake-site.js';

// The door: which ways in there are, why somebody did not come in, and in which language it says so.

const SAID = {
  en: ['Sign in with Plant account', 'Ask an owner of the site which group you need'],
  zh: ['用 Plant account 登录', '请问本站点的所有者你需要哪个组'],
  id: ['Masuk dengan Plant account', 'Tanyakan kepada pemilik situs kelompok mana'],
} as const;

describe.skipIf(NO_BROWSER !== null)('the door', () => {
  let folder = '';
  let browser: Browser;
  let site: FakeSite;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await buildConsole();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    site = await startFakeSite(folder);
    site.signedIn = false;
    context = await browser.newContext({ viewport: SIZES.phone });
  });
  afterEach(async () => {
    await context.close();
    await site.close();
    expect(site.broken).toEqual([]);
  });

  it.each(LANGUAGES)('leads to the identity provider and says why nobody came in: %s', async (language) => {
    site.provider = 'Plant account';
    const { page, errors } = await openPage(context, { url: site.url, language });
    await page.goto(`${site.url}/sign-in?refused=no-role`);
    await page.waitForSelector('.door');
    const link = page.locator('.door a.button');
    expect(await link.textContent()).toBe(SAID[language][0]);
    expect(await link.getAttribute('href')).toBe('/api/sign-in/oidc');
    expect(await page.textContent('.wrong')).toContain(SAID[language][1]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: join(SHOTS, `door-${language}.png`) });
    expect(errors).toEqual([]);
  });

  it('tells somebody signed in why their account was not linked, and is quiet once they came in', async () => {
    Object.assign(site, { provider: 'Plant account', signedIn: true });
    const { page, errors } = await openPage(context, { url: site.url, language: 'en' });
    await page.goto(`${site.url}/sign-in?refused=linked-already`);
    await page.waitForSelector('.people');
    expect(await page.locator('.wrong').allTextContents()).toContainEqual(
      expect.stringContaining('leads to another user here'),
    );
    expect(await page.locator('a[href="/api/sign-in/oidc?link"]').count()).toBe(1);
    site.signedIn = false;
    await page.reload();
    await page.fill('[autocomplete=username]', 'Siti');
    await page.fill('[type=password]', 'correct horse');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.card');
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/');
    expect(errors).toEqual([]);
  });

  it('has no such button without a provider, and says nothing for a word that nobody said', async () => {
    const { page, errors } = await openPage(context, { url: site.url, language: 'en' });
    await page.goto(`${site.url}/sign-in?refused=%3Cscript%3E&refused=constructor`);
    await page.waitForSelector('.door');
    expect(await page.locator('.door a.button').count()).toBe(0);
    expect(await page.textContent('.wrong')).toBe('');
    expect(errors).toEqual([]);
  });

  it('offers the languages of the site, the first one where nobody has chosen', async () => {
    site.languages = ['id', 'en'];
    const page = await context.newPage();
    await page.goto(site.url);
    await page.waitForSelector('.door');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('id-ID');
    expect(await page.locator('.language option').allTextContents()).toEqual(['English', 'Indonesia']);
    // What was not chosen is not kept: another language of the site is seen at once.
    site.languages = ['zh'];
    await page.reload();
    await page.waitForSelector('.door');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
    expect(await page.locator('.language').count()).toBe(0);
  });
});
