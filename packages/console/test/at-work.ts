import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { buildConsole, launch, openPage, SHOTS, SIZES } from './browser.js';
import { type FakeSite, startFakeSite } from './fake-site.js';

/** Longer than the bounce of a glove. */
export const LOOK_MS = 350;

export interface AtWork {
  readonly site: FakeSite;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of; a test that expects something takes it out. */
  readonly errors: string[];
  open(path: string, ready: string): Promise<void>;
  /** The unit that is asked about. */
  title(): Promise<string | null>;
  /** Bodies of the answers that the server heard. */
  answers(): Record<string, unknown>[];
  shot(name: string): Promise<unknown>;
  /** Waits up to three seconds. */
  until(what: () => boolean): Promise<void>;
}

/** A console of its own before each test of a file; nothing may be broken or complained of after it. */
export function atWork(): () => AtWork {
  let folder = '';
  let browser: Browser;
  let now: AtWork;
  beforeAll(async () => {
    folder = await buildConsole();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    const site = await startFakeSite(folder);
    const context = await browser.newContext({ viewport: SIZES.desk, hasTouch: true });
    const { page, errors } = await openPage(context, { url: site.url, language: 'en' });
    now = {
      ...{ site, context, page, errors },
      open: async (path, ready) => {
        await page.goto(site.url + path);
        await page.waitForSelector(ready);
      },
      title: () => page.textContent('.ask h1'),
      answers: () =>
        site.done
          .filter(({ path }) => path.endsWith('/answer'))
          .map(({ body }) => body as Record<string, unknown>),
      shot: (name) => page.screenshot({ path: join(SHOTS, `work-${name}.png`) }),
      until: async (what) => {
        for (let i = 0; i < 100 && !what(); i++) await page.waitForTimeout(30);
        expect(what()).toBe(true);
      },
    };
  });
  afterEach(async () => {
    await now.context.close();
    await now.site.close();
    expect(now.site.broken).toEqual([]);
    expect(now.errors).toEqual([]);
  });
  return () => now;
}
