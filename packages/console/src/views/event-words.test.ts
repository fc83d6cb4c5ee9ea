import { describe, expect, it } from 'vitest';
import { wordsOf } from '../language/use-words.js';
import { eventInWords } from './event-words.js';

const event = (kind: string, body: Record<string, unknown>) => ({
  ...{ seq: 1, atMs: 0, station: 's', user: null, hash: 'a'.repeat(64) },
  ...{ kind, body },
});
const decided = {
  ...{
    station: 's',
    score: 0.25,
    noScore: null,
    draw: 0.5,
    pLevel: null,
    pSpread: null,
    scope: 'x',
    lot: null,
  },
  ...{ epoch: 1, call: 'pass', by: 'gate', region: 'accept', position: 3, audit: true, propensity: 0.1 },
  ...{ why: 'score at or below the accepted one', state: 'open', certificate: null, model: null },
  ...{ tookMs: 3, classCall: null },
};

describe('rows of the journal in words', () => {
  it('say what the gate did and why, in the language of the reader', () => {
    expect(eventInWords(event('decided', decided), wordsOf('en'))).toEqual({
      main: 'The gate called: pass; drawn for an audit',
      more: 'Score at or below the accepted one. score 0.25',
    });
    expect(eventInWords(event('decided', decided), wordsOf('zh')).main).toBe('闸门判定：放行；被抽中检查');
  });

  it('say whether an answer is evidence', () => {
    const body = { station: 's', question: 'q', user: 'u', bad: true, label: 'loose', blind: false };
    const answered = { ...body, counts: false, by: 'pedal', tookMs: 2100 };
    expect(eventInWords(event('answered', answered), wordsOf('en')).main).toBe('Judged loose; no evidence');
  });

  it('keep the name of a kind that is unknown or has another shape', () => {
    expect(eventInWords(event('of-tomorrow', {}), wordsOf('en')).main).toBe('Entry “of-tomorrow”');
    expect(eventInWords(event('decided', { call: 'pass' }), wordsOf('en')).main).toBe('Entry “decided”');
    expect(eventInWords(event('constructor', {}), wordsOf('id')).main).toBe('Catatan “constructor”');
  });
});
