import { readFileSync } from 'node:fs';
import { it } from 'vitest';
import { launch, openPage, violations } from './browser.js';

it('real', async () => {
  const url = 'http://127.0.0.1:8799';
  const code = /code: (\S+)/.exec(readFileSync('/tmp/realsite/out.txt', 'utf8'))?.[1] ?? '';
  const browser = await launch();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, hasTouch: true });
  const { page, errors } = await openPage(context, { url, language: 'en' });
  const log = (...x: unknown[]) =>
    process.stdout.write(`${x.map((y) => (typeof y === 'string' ? y : JSON.stringify(y))).join(' ')}\n`);
  const dir = '/tmp/console-shots/r-';
  page.on('response', async (r) => {
    if (r.status() >= 400) log(r.status(), r.url(), (await r.text().catch(() => '')).slice(0, 200));
  });
  await page.goto(url);
  await page.waitForSelector('form');
  await page.screenshot({ path: `${dir}setup.png` });
  if (await page.locator('.code').count()) await page.fill('.code', code);
  await page.fill('[autocomplete=username]', 'Ada Owner');
  await page.fill('[type=password]', 'correct horse battery');
  await page.click('.primary');
  try {
    await page.waitForSelector('.card', { timeout: 15000 });
  } catch (e) {
    log(await page.textContent('body'));
    throw e;
  }
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${dir}line.png`, fullPage: true });
  log('line axe', await violations(page));
  await page.click('.card h3 a');
  await page.waitForSelector('.proof-state', { timeout: 15000 });
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${dir}proof.png`, fullPage: true });
  log('proof axe', await violations(page));
  await page.goto(`${url}/ask`);
  await page.waitForSelector('.ask-seen :is(.trace, .empty)', { timeout: 15000 });
  await page.waitForTimeout(1500);
  for (let i = 0; i < 4; i++) {
    await page.screenshot({ path: `${dir}ask${i}.png` });
    log(
      i,
      await page.textContent('.ask h1'),
      await page.textContent('.note-line'),
      (await page.locator('.after').count()) ? await page.textContent('.after') : '',
    );
    await page.keyboard.press('1');
    await page.waitForTimeout(700);
  }
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(500);
  log('undo', await page.textContent('.ask h1'), await page.textContent('.note-line'));
  await page.screenshot({ path: `${dir}undo.png` });
  await page.keyboard.press('h');
  await page.waitForTimeout(300);
  if (await page.locator('dialog .primary').count()) {
    await page.click('dialog .primary');
    await page.waitForTimeout(700);
    await page.screenshot({ path: `${dir}help.png` });
  }
  await page.goto(`${url}/`);
  await page.waitForSelector('.units a');
  await page.click('.units a >> nth=3');
  await page.waitForSelector('.timeline');
  await page.waitForTimeout(700);
  await page.screenshot({ path: `${dir}unit.png`, fullPage: true });
  log('unit axe', await violations(page));
  await page.goto(`${url}/shift`);
  await page.waitForSelector('.sheet');
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${dir}shift.png`, fullPage: true });
  await page.goto(`${url}/people`);
  await page.waitForSelector('.people');
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${dir}people.png`, fullPage: true });
  log('errors', errors);
  await browser.close();
});
