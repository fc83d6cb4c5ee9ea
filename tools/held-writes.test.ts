import { leaseFaults, type Refusal } from '@selvedge/connect';
import { expect, it } from 'vitest';
import { said } from '../packages/console/src/language/said.js';
import { TEXTS } from '../packages/console/src/language/texts.js';
import { wordsOf } from '../packages/console/src/language/use-words.js';
import { HELD, whyInWords } from '../packages/console/src/views/equipment/held.js';

// What the guard and the leases say reaches people in the console: each of it must have a sentence in every language.

/** Every code of the guard; one that is new does not compile until it stands here. */
const CODES: Readonly<Record<Refusal, true>> = {
  ...{ 'mode-off': true, 'mode-shadow': true, 'mode-advise': true, 'not-listed': true },
  ...{ 'gate-not-listed': true, 'release-not-listed': true, 'no-authority': true },
  ...{ 'release-not-signed': true, 'safety-stop-only': true, 'out-of-range': true, duplicate: true },
  ...{
    'too-late': true,
    busy: true,
    'doubt-open': true,
    'too-soon': true,
    'link-down': true,
    'interlock-unknown': true,
  },
  ...{ 'interlock-bad': true, 'interlock-stale': true, 'interlock-open': true, 'held-unknown': true },
  ...{ 'step-too-large': true, 'expect-differs': true, 'no-lease': true, 'lease-not-yet': true },
  ...{ 'lease-expired': true, 'outside-lease': true, 'lease-step': true, 'lease-rate': true },
  ...{ 'epoch-changed': true, 'not-journaled': true, 'link-refused': true },
};
const LANGUAGES = ['en', 'zh', 'id'] as const;

it.each(LANGUAGES)('every refusal of the guard is a sentence of its own in %s', (language) => {
  const words = wordsOf(language);
  const sentences = Object.keys(CODES).map((code) => whyInWords(code, words));
  expect(new Set(sentences).size).toBe(sentences.length);
  expect(sentences.filter((text) => !/[.。]$/.test(text) || /-[a-z]+\.$/.test(text))).toEqual([]);
});

it('a code that nobody has put into words is found, and stands as it was said', () => {
  const known = Object.keys(HELD);
  expect(Object.keys(CODES).filter((code) => !known.includes(code))).toEqual([]);
  expect(whyInWords('of-tomorrow', wordsOf('zh'))).toBe('Of-tomorrow.');
  expect(whyInWords('constructor', wordsOf('en'))).toBe('Constructor.');
  for (const language of LANGUAGES) expect(TEXTS[language].heldOff).not.toBe('');
});

it('every fault of a lease is known in every language', () => {
  const lease = {
    ...{ id: 'l', target: 'cell/force', gate: 'press', bounds: [9, -9] as const, maxStep: 0 },
    ...{ minIntervalMs: -1, fromMs: 10, untilMs: 10, rollBack: 50, by: 'u', reason: ' ' },
  };
  const faults = [
    ...leaseFaults(lease, { does: 'act', safety: true, range: [10, 20] }),
    ...leaseFaults({ ...lease, untilMs: 90_000_001 }, { does: 'adjust', safety: false }),
    // As the site adds them.
    'cell/force may not be written: it is not listed',
    'press may not adjust cell/force',
  ];
  expect(new Set(faults).size).toBeGreaterThanOrEqual(12);
  for (const language of ['zh', 'id'] as const)
    expect(faults.filter((fault) => said(fault, language) === null)).toEqual([]);
  expect(said('the bounds must lie within 0 to 5', 'zh')).toBe('界限必须在 0 至 5 之内');
});
