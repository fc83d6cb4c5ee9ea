import { describe, expect, it } from 'vitest';
import { atWork } from './at-work.js';
import { NO_BROWSER, violations } from './browser.js';

// What people do beside judging: they come in, sign, close, find, count, and see only what is theirs.

describe.skipIf(NO_BROWSER !== null)('doing', () => {
  const work = atWork();

  it('makes the first owner, lets people in, and says plainly when not', async () => {
    const { site, page, open } = work();
    site.needsOwner = true;
    site.signedIn = false;
    await open('/people', '.door');
    await page.fill('.code', 'WRONG');
    await page.fill('[autocomplete=username]', 'Siti');
    await page.fill('[type=password]', 'short');
    await page.click('.primary');
    expect(await page.textContent('.wrong')).toContain('fifteen characters');
    await page.fill('[type=password]', 'long enough for this');
    await page.click('.primary');
    await page.waitForFunction(() =>
      document.querySelector('.wrong')?.textContent?.includes('code is not right'),
    );
    await page.fill('.code', 'K7QF-22MX');
    await page.click('.primary');
    await page.waitForSelector('.people');
    await page.click('text=Sign out');
    await page.waitForSelector('.door');
    await page.fill('[autocomplete=username]', 'Siti');
    await page.fill('[type=password]', 'not this one');
    await page.click('.primary');
    await page.waitForFunction(() => document.querySelector('.wrong')?.textContent?.includes('is not right'));
    await page.fill('[type=password]', 'correct horse');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.people');
  });

  it('signs a budget with every number explained, closes a gate with a reason', async () => {
    const { site, page, open, shot, until } = work();
    await open('/station/front', '.plot');
    await page.click('text=Sign a budget');
    await page.getByLabel('Bad units that may escape').fill('0,25');
    expect(await page.textContent('dialog')).toContain('about 2.5 bad units in 1,000');
    await shot('sign');
    expect(await violations(page)).toEqual([]);
    await page.click('dialog .primary');
    expect(await page.textContent('dialog .wrong')).toContain('Say why');
    await page.getByLabel('Reason').fill('agreed with the customer');
    await page.click('dialog .primary');
    await until(() => site.done.length === 1);
    expect(site.done[0]).toEqual({
      path: '/api/stations/front/sign',
      body: {
        ...{
          escapeRate: 0.0025,
          overkillRate: 0,
          confidence: 0.95,
          contract: 'per-unit',
          plannedUnits: null,
        },
        reason: 'agreed with the customer',
      },
    });
    await page.click('text=Close this gate');
    await page.getByLabel('Reason').fill('lamp is broken');
    await page.click('dialog .danger');
    await until(() => site.done.length === 2);
    expect(site.done[1]?.path).toBe('/api/stations/front/close');
  });

  it('takes findings, interventions, people and tokens', async () => {
    const { site, page, open, shot, until } = work();
    await open('/unit/S-1', '.timeline');
    await page.getByLabel('What is wrong').fill('loose thread');
    await page.click('.box .danger');
    await until(() => site.done.length === 1);
    expect(site.done[0]?.body).toMatchObject({ unit: 'S-1', where: 'end-of-line', label: 'loose thread' });
    await open('/', '.card');
    await page.click('text=Enter an intervention');
    await page.getByLabel('How long').fill('45');
    // Nothing is counted under a kind that nobody picked; the plant's own kinds come first, by their names.
    await page.click('dialog .primary');
    expect(await page.textContent('dialog .wrong')).toContain('Say what was done');
    expect(await page.locator('dialog .pill').first().textContent()).toBe('lens cleaned');
    await page.locator('dialog .pill').first().click();
    await shot('intervention');
    expect(await violations(page)).toEqual([]);
    await page.click('dialog .primary');
    await until(() => site.done.length === 2);
    expect(site.done[1]?.body).toEqual({ station: 'front', type: 'clean-lens', seconds: 45 });
    await open('/people', '.people');
    await page.getByLabel('Role: 陈伟').selectOption('quality');
    await until(() => site.done.length === 3);
    expect(site.done[2]).toEqual({ path: '/api/users/u2', body: { role: 'quality' } });
    await page.getByLabel('Name').last().fill('reader');
    await page.click('text=Make a token >> nth=-1');
    await page.waitForSelector('.notice');
    expect(await page.textContent('.notice')).toContain('slv_0123456789abcdef');
  });

  it('signs in by a passkey that this device made, and changes a password', async () => {
    const { site, page, context, errors, shot } = work();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const;
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...options,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.goto(`${site.url.replace('127.0.0.1', 'localhost')}/people`);
    await page.getByLabel('Name of the device').fill('tablet 4');
    await page.click('text=Add a passkey');
    await page.waitForSelector('.person-plain:has-text("tablet 4")');
    await page.getByLabel('Current password').fill('wrong');
    await page.getByLabel('New password').fill('another long one');
    await page.click('text=Change the password');
    await page.waitForSelector('.wrong:text("not right")');
    await page.getByLabel('Current password').fill('correct horse');
    await page.click('text=Change the password');
    await page.waitForSelector('[role=status]:text("Done")');
    await shot('own');
    await page.click('text=Sign out');
    await page.click('text=Sign in with a passkey');
    await page.waitForSelector('.people');
    expect(site.done.at(-1)?.path).toBe('/api/sign-in/passkey');
    // The name of the machine is another address than its number: that is all.
    errors.splice(
      0,
      errors.length,
      ...errors.filter((error) => !error.startsWith('outside: http://localhost')),
    );
  });

  it('offers an operator nothing that is not theirs', async () => {
    const { site, page, open } = work();
    site.role = 'operator';
    await open('/station/front', '.plot');
    expect(await page.locator('text=Sign a budget').count()).toBe(0);
    expect(await page.locator('.links >> text=People').count()).toBe(0);
    await open('/people', '.row-form');
    expect(await page.textContent('.page-head')).toContain('Only an owner');
    expect(await page.locator('select:not(.language select)').count()).toBe(0);
    await open('/unit/S-1', '.timeline');
    expect(await page.locator('.box').count()).toBe(0);
  });
});
