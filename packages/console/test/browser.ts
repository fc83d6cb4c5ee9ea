import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const CHROMIUM = '/usr/bin/chromium';
/** Why the browser tests cannot run here; null where they can. */
export const NO_BROWSER = existsSync(CHROMIUM) ? null : 'skip: no Chromium at /usr/bin/chromium';

export const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;
export const LANGUAGES = ['en', 'zh', 'id'] as const;

/** Where the pictures of this run are kept, to be looked at. */
export const SHOTS = process.env.SELVEDGE_SHOTS ?? mkdtempSync(join(tmpdir(), 'selvedge-console-'));

const ROOT = join(import.meta.dirname, '..');

/** Builds the console as it is shipped; returns the folder. */
export async function buildConsole(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'selvedge-console-web-'));
  await build({ root: ROOT, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  return outDir;
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });

/** A page that keeps every error of its own: what the browser refused, what was thrown, what went outside. */
export async function openPage(
  context: BrowserContext,
  { url, language }: { url: string; language: string },
): Promise<{ page: Page; errors: string[] }> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(text)) errors.push(text);
    if (/Content Security Policy/i.test(text)) errors.push(text);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) errors.push(`outside: ${request.url()}`);
  });
  await page.addInitScript((code) => {
    if (localStorage.getItem('selvedge:language') === null) localStorage.setItem('selvedge:language', code);
  }, language);
  return { page, errors };
}

/** What axe finds against WCAG 2.2 AA, one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    type Axe = {
      run(
        root: Document,
        options: object,
      ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    };
    const { axe } = globalThis as unknown as { axe: Axe };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const found = await axe.run(document, {
      runOnly: { type: 'tag', values: tags },
      // Of rules that hold nothing is kept.
      resultTypes: ['violations'],
    });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.replace(/\s+/g, ' ')}`,
      ),
    );
  });
}

/** How much wider the page is than the screen, px: more than 0 means that something is cut off or scrolls sideways. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
