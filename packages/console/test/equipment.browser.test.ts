import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, violations } from './browser.js';

// Equipment at an unkind server: what is refused or cut off is said where it was asked for, and nothing is pretended.

describe.skipIf(NO_BROWSER !== null)('equipment', () => {
  const work = atWork();

  it('keeps a lease that could not be ended, and says why; by keyboard alone', async () => {
    const { site, page, open, until } = work();
    await open('/equipment', '.leases li');
    site.failNext('/api/leases/', 503);
    await page.locator('.leases button').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
      document.querySelector('.leases .wrong')?.textContent?.includes('answer'),
    );
    expect(await page.locator('.leases li').count()).toBe(2);
    await page.keyboard.press('Enter');
    await until(() => site.done.length === 1);
    expect(site.done[0]?.path).toBe('/api/leases/l-1/end');
    await page.waitForFunction(() => document.querySelectorAll('.leases li').length === 1);
    // The next step by keyboard is the lease that is left, not the top of the page.
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('End now: cell/offset');
  });

  it('says that somebody else has looked already, and takes the next doubt', async () => {
    const { site, page, open, until } = work();
    await open('/equipment', '.doubts');
    site.failNext('/api/writes/', 409);
    await page.locator('.doubts input').first().fill('back at 110');
    await page.locator('.doubts button').first().tap();
    await page.waitForFunction(() => document.querySelector('.doubts .wrong')?.textContent !== '');
    expect(await page.locator('.doubts input').first().inputValue()).toBe('back at 110');
    await page.locator('.doubts button').first().tap();
    await until(() => site.done.length === 1);
    expect(site.done[0]).toEqual({ path: '/api/writes/w-1/seen', body: { note: 'back at 110' } });
    await page.waitForFunction(() => document.querySelectorAll('.doubts li').length === 1);
    await page.keyboard.press('Tab');
    await page.keyboard.type('it moved');
    expect(await page.locator('.doubts input').first().inputValue()).toBe('it moved');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.doubts', { state: 'detached' });
    expect(site.done.map(({ path }) => path)).toEqual(['/api/writes/w-1/seen', '/api/writes/w-2/seen']);
  });

  it('names every field of a lease that is no number, and sends nothing until all are', async () => {
    const { site, page, open, until } = work();
    await open('/equipment', '.connector');
    await page.click('text=Sign a lease');
    const field = (label: string) => page.getByLabel(label, { exact: true });
    await page.locator('dialog select').first().selectOption('cell/offset');
    expect(await field('Least value').inputValue()).toBe('-1.5');
    expect(await page.textContent('dialog')).toContain('It takes the place of the lease');
    await field('Largest value').fill('much');
    await field('Hours').fill('25');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('.faults li');
    expect(await page.locator('.faults li').allTextContents()).toEqual([
      'Least value, Largest value: A number is missing or out of range.',
      'Hours: A number is missing or out of range.',
      'Reason: Say why, in at least three letters.',
    ]);
    expect(site.done).toEqual([]);
    await field('Least value').fill('−0,5');
    await field('Largest value').fill('0.5');
    await field('Hours').fill('2');
    await field('Seconds between two changes, at least').fill('30');
    await page.fill('dialog textarea', 'second trial');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until(() => site.done.length === 1);
    expect(site.done[0]).toEqual({
      path: '/api/equipment/cell-12/leases',
      body: {
        ...{ target: 'cell/offset', station: 'front', bounds: [-0.5, 0.5], maxStep: 0.25, hours: 2 },
        ...{ minIntervalMs: 30_000, rollBack: -0.375, reason: 'second trial' },
      },
    });
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  it('writes a value by hand within what may be written, and says what became of it; by keyboard too', async () => {
    const { site, page, open, until } = work();
    await open('/equipment', '.connector');
    await page.locator('text=Write a value by hand').first().tap();
    const submit = page.locator('dialog button[type=submit]');
    await submit.tap();
    expect(await page.textContent('dialog .wrong')).toContain('Pick the value');
    await page.locator('dialog select').first().selectOption('cell/force-setpoint');
    expect(await page.textContent('.held-now')).toContain('112.5');
    await page.getByLabel('New value').fill('150');
    await submit.tap();
    expect(await page.textContent('dialog .wrong')).toContain('80 to 140');
    await page.getByLabel('New value').fill('114');
    await submit.tap();
    expect(await page.textContent('dialog .wrong')).toContain('at least three letters');
    expect(site.done).toEqual([]);
    await page.fill('dialog textarea', 'after the tool change');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.told');
    expect(await page.textContent('.told')).toContain('The equipment holds 114');
    expect(site.done).toEqual([
      {
        path: '/api/equipment/cell-12/write',
        body: {
          ...{ target: 'cell/force-setpoint', station: 'front', value: 114 },
          reason: 'after the tool change',
        },
      },
    ]);
    // What nobody knows is not shown as done, and what was held back says why.
    await page.locator('dialog select').first().selectOption('cell/verdict');
    await page.getByLabel('hold', { exact: true }).check();
    await submit.tap();
    await page.waitForFunction(() =>
      document.querySelector('.told')?.textContent?.includes('Go there, look'),
    );
    await page.locator('dialog select').first().selectOption('cell/stop');
    expect(await page.locator('dialog input[type=radio]').count()).toBe(1);
    await page.locator('dialog input[type=radio]').check();
    await submit.tap();
    await page.waitForFunction(() => document.querySelector('.told')?.textContent?.includes('An interlock'));
    expect(await violations(page)).toEqual([]);
    await until(() => site.done.length === 3);
  });

  it('lets nobody write by hand who may not', async () => {
    const { site, page, open } = work();
    site.role = 'quality';
    await open('/equipment', '.connector');
    expect(await page.locator('text=Change the guard').count()).toBeGreaterThan(0);
    expect(await page.locator('text=Write a value by hand').count()).toBe(0);
  });

  it('changes nothing where the guard is set so already, and finds one tag among many', async () => {
    const { site, page, open } = work();
    await open('/equipment', '.connector');
    await page.locator('text=Change the guard').first().click();
    await page.fill('dialog textarea', 'as it is');
    await page.click('dialog button[type=submit]');
    expect(await page.textContent('dialog .wrong')).toContain('set so already');
    await page.keyboard.press('Escape');
    expect(site.done).toEqual([]);
    await page.getByLabel('Find a tag').fill('CHANNEL-33');
    expect(await page.locator('.connector').first().locator('.tags tbody th').allTextContents()).toEqual([
      'cell/channel-33',
    ]);
    await page.getByLabel('Find a tag').fill('nothing of it');
    expect(await page.textContent('.connector')).toContain('No tag is called so.');
  });

  it('asks anew by itself while it is looked at, and no more afterwards', async () => {
    const { site, page, open, until } = work();
    await open('/equipment', '.connector');
    const asked = () => site.asked.get('/api/equipment') ?? 0;
    const before = asked();
    await until(() => asked() > before);
    await page.click('nav a[href="/"]');
    await page.waitForSelector('.card');
    const left = asked();
    await page.waitForTimeout(2500);
    expect(asked()).toBe(left);
  });
});
