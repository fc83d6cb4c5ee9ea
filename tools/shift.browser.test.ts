// Functions of this file run in the page; the types of tests know no browser otherwise.
/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LineView, ProofView } from '@selvedge/core/records';
import { createRandom } from '@selvedge/models';
import { openSite, parseConfig, type RunningSite, type SimulatedUnit } from '@selvedge/site';
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
  SIZES,
  violations,
} from '../packages/console/test/browser.js';

// One shift at a real site in a real browser: the owner of a new plant, a budget that is signed, a gate that opens on
// answers by key and by touch, a fault that only audits can see, a gate that closes and earns its way back.

if (NO_BROWSER) process.stdout.write(`${NO_BROWSER}\n`);

const YAML = `
site: { id: shift, name: Shift plant, origin: simulated, timezone: Etc/UTC, languages: [en, zh, id] }
folder: FOLDER
listen: { port: 0 }
lines: [{ id: north, name: North }]
connectors: [{ id: line, kind: simulator, pack: trial, seed: 3, unitsPerMinute: 480 }]
stations:
  - id: press
    name: Press 1
    line: north
    observation: { kind: series, channels: [{ name: force, unit: kN }] }
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: line }
    model: { recipe: auto }
    takt: { deadlineMs: 2000, otherwise: hold }
    ask: { deadlineMs: 30000, undoMs: 200 }
    queue: { most: 500 }
    # The plays of this shift know the truth by the unit's name, which a second read would hide.
    doubleReadShare: 0
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;
const READINGS = 24;

/** What the simulated process does; `hidden`: a new fault that leaves no trace in what is seen. */
const plant = { hidden: false };

function* simulate(seed: number): Generator<SimulatedUnit> {
  const random = createRandom(seed);
  for (let n = 0; ; n++) {
    const bad = random.next() < (plant.hidden ? 0.5 : 0.1);
    const seen = bad && !plant.hidden;
    const values = Float32Array.from(
      { length: READINGS },
      (_, i) => 10 + random.normal() + (seen && i > 8 && i < 14 ? 8 : 0),
    );
    yield {
      id: `${bad ? 'bad' : 'good'}-${n}`,
      observation: { kind: 'series', values, channels: 1 },
      context: { mould: n % 4 },
      lot: null,
      sourceAtMs: null,
      label: bad ? 'crack' : 'good',
      bad,
      interventions: [],
    };
  }
}

describe.skipIf(NO_BROWSER !== null)('a shift', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selvedge-shift-'));
  let web = '';
  let browser: Browser;
  let site: RunningSite;
  beforeAll(async () => {
    web = await buildConsole();
    browser = await launch();
    const read = parseConfig(YAML.replace('FOLDER', join(folder, 'data')), join(folder, 'site.yaml'));
    if (read.config === null) throw new Error(JSON.stringify(read.faults));
    site = await openSite({
      config: read.config,
      simulators: new Map([['trial', simulate]]),
      consoleFolder: web,
      version: 'test',
      past: { fit: 300, shadow: 100 },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    for (const one of [web, folder]) if (one !== '') rmSync(one, { recursive: true, force: true });
  });

  const station = () => site.parts.live.station('press');
  const api = <T>(page: Page, path: string): Promise<T> =>
    page.evaluate(async (at) => (await fetch(at)).json(), path) as Promise<T>;
  const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `shift-${name}.png`) });

  /** Answers what the page asks, by key and by touch in turn, until it is so. */
  async function work(page: Page, until: () => boolean, seconds: number): Promise<number> {
    await page.goto(`${site.address}/ask`);
    let answered = 0;
    let last = '';
    const end = Date.now() + 1000 * seconds;
    while (!until() && Date.now() < end) {
      const title = (await page.textContent('.ask h1').catch(() => null)) ?? '';
      const unit = /(good|bad)-\d+/.exec(title);
      if (unit === null || title === last) {
        await page.waitForTimeout(50);
        if (title !== last) continue;
        // The same question for long: the press fell within the guard against bounces.
      }
      last = title;
      if (unit === null) continue;
      const bad = unit[1] === 'bad';
      if (answered % 2 === 0) await page.keyboard.press(bad ? '2' : '1');
      else await page.tap(bad ? '.answer:not(.answer-good)' : '.answer-good');
      answered++;
      await page.waitForTimeout(330);
    }
    expect(until()).toBe(true);
    return answered;
  }

  it('opens a plant, proves, decides, finds, closes and begins anew', async () => {
    const context = await browser.newContext({ viewport: SIZES.desk, hasTouch: true });
    const { page, errors } = await openPage(context, { url: site.address, language: 'en' });
    await page.goto(site.address);
    await page.waitForSelector('form');
    const fields = page.locator('form input');
    await fields.nth(0).fill(site.code!);
    await fields.nth(1).fill('Ada');
    await fields.nth(2).fill('correct horse battery');
    await shot(page, '1-setup');
    await page.click('form button[type=submit]');
    await page.waitForSelector('.card');
    await shot(page, '2-shadow');

    await page.goto(`${site.address}/station/press`);
    await page.click('.page-head .button.primary');
    const sign = page.locator('dialog input');
    await sign.nth(0).fill('10');
    await page.locator('dialog input[inputmode=numeric]').fill('60');
    await page.fill('dialog textarea', 'first trial of this gate');
    await shot(page, '3-sign');
    await page.click('dialog button[type=submit]');
    await page.waitForTimeout(500);
    expect(station().gate).toMatchObject({
      name: 'shadow',
      plan: { plannedUnits: 60, budget: { escapeRate: 0.1 } },
    });

    const answered = await work(page, () => station().gate?.name === 'open', 90);
    expect(answered).toBeGreaterThan(20);
    await shot(page, '4-ask');
    await page.goto(site.address);
    await page.waitForSelector('.card-open');
    await shot(page, '5-open');

    plant.hidden = true;
    const found = () =>
      Number(
        site.parts.journal.db
          .prepare('SELECT count(*) AS n FROM unit WHERE audit = 1 AND bad = 1 AND final_bad = 1')
          .get()!.n,
      ) > 0;
    await work(page, found, 90);
    const proof = await api<ProofView>(page, '/api/stations/press/proof');
    expect(proof.auditsBad).toBeGreaterThan(0);
    await page.goto(`${site.address}/station/press`);
    await page.waitForSelector('.plot');
    await shot(page, '6-audit-found');
    if (station().gate?.name !== 'closed') {
      await page.click('.page-head .button.danger');
      await page.fill('dialog textarea', 'audits find cracks that nobody sees');
      await page.click('dialog button[type=submit]');
    }
    await page.waitForSelector('.card-closed');
    await shot(page, '7-closed');
    const closed = await api<LineView>(page, '/api/line');
    expect(closed.stations[0]).toMatchObject({ state: 'closed' });

    plant.hidden = false;
    await page.click('.page-head .button:not(.primary)');
    await page.fill('dialog textarea', 'the tool was changed');
    await page.click('dialog button[type=submit]');
    await page.waitForTimeout(500);
    expect(station().gate).toMatchObject({ name: 'shadow' });
    await work(page, () => station().gate?.name === 'open', 90);
    expect(errors).toEqual([]);
    await context.close();
  }, 400_000);

  it('reads alike on a tablet and a phone, in three languages, with nothing wrong for axe', async () => {
    const wrong: string[] = [];
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const language of LANGUAGES) {
        const context = await browser.newContext({ viewport, hasTouch: true });
        const { page, errors } = await openPage(context, { url: site.address, language });
        await page.goto(site.address);
        await page.waitForSelector('form');
        await page.locator('form input').nth(0).fill('Ada');
        await page.locator('form input').nth(1).fill('correct horse battery');
        await page.click('form button[type=submit]');
        await page.waitForSelector('.card');
        for (const [name, path, ready] of [
          ['line', '/', '.card'],
          ['ask', '/ask', '.ask'],
          ['proof', '/station/press', '.plot'],
          ['shift', '/shift', '.sheet'],
        ] as const) {
          await page.goto(site.address + path);
          await page.waitForSelector(ready);
          await page.waitForTimeout(400);
          await shot(page, `${name}-${size}-${language}`);
          const wide = await overflow(page);
          if (wide > 0) wrong.push(`${name} ${size} ${language}: ${wide} px wider than the screen`);
          wrong.push(...(await violations(page)).map((text) => `${name} ${size} ${language}: ${text}`));
        }
        wrong.push(...errors);
        await context.close();
      }
    }
    process.stdout.write(`pictures of the shift: ${SHOTS}\n`);
    expect(wrong).toEqual([]);
  }, 240_000);
});
