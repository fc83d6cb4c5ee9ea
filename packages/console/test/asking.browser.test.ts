import { describe, expect, it } from 'vitest';
import { atWork, LOOK_MS } from './at-work.js';
import { NO_BROWSER, SIZES, violations } from './browser.js';

// A person who judges: what they press, what the server hears, what they see, also when it is slow or refuses.

describe.skipIf(NO_BROWSER !== null)('asking', () => {
  const work = atWork();

  it('has the next question painted below 100 ms after an answer, though the server takes 150 ms', async () => {
    const { site, page, open, answers } = work();
    for (let n = 0; n < 26; n++) site.ask(n, 600_000);
    site.delayMs = 150;
    await open('/ask', '.trace');
    await page.waitForTimeout(1000);
    await page.evaluate(() => {
      const times: number[] = [];
      Object.assign(globalThis, { times });
      let pressed = 0;
      addEventListener(
        'keydown',
        ({ timeStamp }) => {
          pressed = timeStamp;
        },
        true,
      );
      const box = document.querySelector('.ask');
      let last = document.querySelector('.ask h1')?.textContent;
      if (box)
        new MutationObserver(() => {
          const now = document.querySelector('.ask h1')?.textContent;
          // Painted is the unit and what was seen of it, not its frame.
          if (now === last || document.querySelector('.ask-seen :is(.trace, .picture img, canvas)') === null)
            return;
          last = now;
          const channel = new MessageChannel();
          channel.port1.onmessage = () => times.push(performance.now() - pressed);
          requestAnimationFrame(() => channel.port2.postMessage(0));
        }).observe(box, { childList: true, subtree: true, characterData: true });
    });
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('1');
      await page.waitForTimeout(LOOK_MS + 100);
    }
    const times = await page.evaluate(() => (globalThis as unknown as { times: number[] }).times);
    const sorted = [...times].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? Number.NaN;
    process.stdout.write(
      `answer to next question painted, ms over ${times.length}: median ${median.toFixed(1)}, worst ${sorted.at(-1)?.toFixed(1)}\n`,
    );
    expect(times.length).toBe(20);
    expect(median).toBeLessThan(100);
    expect(answers().length).toBe(20);
    expect(answers().every(({ by, label }) => by === 'keyboard' && label === 'good')).toBe(true);
  });

  it('hears number keys, the pedal, arrows with Enter and touch, and no bounce and no held key', async () => {
    const { site, page, open, answers, until } = work();
    for (let n = 0; n < 6; n++) site.ask(n * 3, 600_000);
    await open('/ask', '.trace');
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('2');
    await page.keyboard.press('2');
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('PageDown');
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.down('Enter');
    for (let i = 0; i < 10; i++) {
      await page.waitForTimeout(60);
      await page.keyboard.down('Enter');
    }
    await page.keyboard.up('Enter');
    await page.tap('.answer-good');
    await until(() => answers().length === 4);
    expect(answers().map(({ label, by }) => [label, by])).toEqual([
      ['loose thread', 'keyboard'],
      ['loose thread', 'pedal'],
      ['skipped', 'keyboard'],
      ['good', 'touch'],
    ]);
    expect(answers().every(({ tookMs }) => Number(tookMs) >= 300)).toBe(true);
  });

  it('shows what the model said only after the answer, and takes an answer back', async () => {
    const { site, page, open, title, answers, shot, until } = work();
    site.undoMs = 60_000;
    site.ask(0, 600_000);
    site.ask(3, 600_000);
    await open('/ask', '.trace');
    await page.waitForTimeout(LOOK_MS);
    expect(await page.locator('.after, .mark').count()).toBe(0);
    await page.keyboard.press('2');
    await page.waitForSelector('.after');
    expect(await title()).toBe('Unit S-55106');
    expect(await page.textContent('.after')).toContain('did not agree with you');
    expect(await page.locator('.side-last .mark').count()).toBe(1);
    expect(await page.locator('.ask-seen .mark').count()).toBe(0);
    // Past cases with their picture, their outcome and the way to them, all within the panel.
    await page.waitForFunction(() => document.querySelectorAll('.past :is(svg, img).stamp').length === 3);
    expect(await page.locator('.past').allInnerTexts()).toEqual([
      expect.stringMatching(/loose thread\s+rejected\s+S-54871/),
      expect.stringMatching(/good\s+passed\s+S-54012/),
      expect.stringMatching(/loose thread\s+question open\s+P-50977/),
    ]);
    expect(await page.locator('.past').first().getAttribute('href')).toBe('/unit/S-54871');
    const cut = await page
      .locator('.side-last .panel')
      .evaluateAll((all) => all.map((one) => one.scrollHeight - one.clientHeight));
    expect(cut.every((px) => px <= 1)).toBe(true);
    await shot('after');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Backspace');
    await page.waitForFunction(() => document.querySelector('.ask h1')?.textContent === 'Unit S-55103');
    expect(site.done.at(-1)?.path).toBe('/api/questions/q0/undo');
    // What was shown after the first answer cannot be unseen; the page says what that means.
    expect(await page.textContent('.notice')).toContain('no evidence');
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('1');
    await until(() => answers().length === 2);
  });

  it('shows on a phone, when it is asked for, what the model said, with all of its words', async () => {
    const { site, page, open } = work();
    await page.setViewportSize(SIZES.phone);
    site.undoMs = 60_000;
    site.ask(0, 600_000);
    await open('/ask', '.trace');
    await page.waitForTimeout(LOOK_MS);
    await page.locator('.answer-bad').first().tap();
    await page.locator('.last-bar .only-narrow').tap();
    await page.waitForFunction(() => document.querySelectorAll('dialog .past .stamp').length === 3);
    // Words that are there and not seen help nobody.
    const panel = page.locator('dialog .after');
    for (const words of ['did not agree', 'score 0.38', 'Marked: where', 'S-54871'])
      expect(await panel.getByText(words).first().isVisible()).toBe(true);
    expect(await violations(page)).toEqual([]);
  });

  it('says that help costs the answer its worth before it shows anything', async () => {
    const { site, page, open, answers, shot } = work();
    site.ask(0, 600_000);
    await open('/ask', '.trace');
    await page.keyboard.press('h');
    await page.waitForSelector('dialog[open]');
    expect(await page.textContent('dialog')).toContain('no evidence');
    expect(site.asked.get('/api/questions/q0/help')).toBeUndefined();
    await shot('help');
    expect(await violations(page)).toEqual([]);
    // A key over a dialog answers nothing.
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('1');
    await page.click('dialog .primary');
    await page.waitForSelector('.ask-seen .mark');
    expect(await page.textContent('.notice')).toContain('no evidence');
    await shot('helped');
    expect(answers()).toEqual([]);
  });

  it('learns another pedal, keeps it, and refuses keys that mean something', async () => {
    const { site, page, open, answers, shot, until } = work();
    site.ask(0, 600_000);
    site.ask(3, 600_000);
    await open('/ask', '.trace');
    await page.click('text=Keys and pedal');
    await page.click('[aria-label="Set: Answer 3"]');
    await page.keyboard.press('1');
    expect(await page.textContent('dialog .wrong')).toContain('meaning of its own');
    await page.keyboard.press('End');
    await page.waitForSelector('dialog kbd:text("End")');
    await shot('pedal');
    expect(await violations(page)).toEqual([]);
    await page.reload();
    await page.waitForSelector('.trace');
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('End');
    await until(() => answers().length === 1);
    expect(answers()[0]).toMatchObject({ label: 'skipped', by: 'pedal' });
  });

  it('asks again what did not arrive or was refused, and says so', async () => {
    const { site, page, open, shot } = work();
    site.ask(0, 600_000);
    site.ask(3, 600_000);
    await open('/ask', '.trace');
    await page.waitForTimeout(LOOK_MS);
    site.failNext('/answer', 503);
    await page.keyboard.press('1');
    await page.waitForSelector('.note-bad');
    expect(await page.textContent('.note-line')).toContain('S-55103 did not arrive');
    await shot('failed');
    site.failNext('/answer', 409);
    await page.waitForTimeout(LOOK_MS);
    await page.keyboard.press('1');
    await page.waitForFunction(() =>
      document.querySelector('.note-line')?.textContent?.includes('time is over'),
    );
  });

  it('loses no answer where another tab has begun another session', async () => {
    const { site, page, open, answers, until } = work();
    site.ask(0, 600_000);
    await open('/ask', '.trace');
    await page.waitForTimeout(LOOK_MS);
    site.csrf = 'csrf-of-another-session';
    await page.keyboard.press('1');
    await until(() => answers().length === 1);
    expect(await page.locator('.note-bad').count()).toBe(0);
  });

  it('says what happened at a deadline and goes on', async () => {
    const { site, page, open } = work();
    site.ask(0, 2500);
    site.ask(3, 600_000);
    await open('/ask', '.trace');
    await page.waitForFunction(() => document.querySelector('.ask h1')?.textContent === 'Unit S-55106');
    expect(await page.textContent('.note-line')).toContain('S-55103 was held');
  });

  it('has answers of at least 64 px on a phone, all of them on the screen with what was seen', async () => {
    const { site, page, open } = work();
    await page.setViewportSize(SIZES.phone);
    for (const [n, what] of [
      [0, '.trace'],
      [1, '.picture img'],
      [2, 'canvas'],
    ] as const) {
      site.clear();
      site.ask(n, 600_000);
      await open('/ask', what);
      await page.waitForTimeout(100);
      const boxes = await page
        .locator('.answer')
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
      expect(boxes.length).toBeGreaterThanOrEqual(2);
      for (const { height, bottom } of boxes) {
        expect(height).toBeGreaterThanOrEqual(64);
        expect(bottom).toBeLessThanOrEqual(SIZES.phone.height);
      }
      const seen = await page.locator('.ask-seen').boundingBox();
      expect(seen?.height).toBeGreaterThan(150);
    }
  });
});
