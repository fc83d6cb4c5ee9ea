import { describe, expect, it } from 'vitest';
import { spokenScore } from './spoken-score.js';

describe('the score that a language model wrote', () => {
  it.each([
    ['{"score": 0.9, "label": "crack"}', 0.9],
    ['{"label":null,"score":0}', 0],
    ['{"score":"0.9"}', 0.9],
    ['{"score": 9e-2}', 0.09],
    [
      'Sure! Here it is:\n```json\n{"score": 0.25, "label": "a } in a \\" text"}\n```\nHope that helps {you}.',
      0.25,
    ],
    ['<think>{"score": 0.1} no, rather {"score": 0.8}</think>\n{"score": 0.7}', 0.7],
    ['I am still in thought {"score": 1}</think>{"score": 0.2}', 0.2],
    ['{"score": 0.5} and again {"label": null, "score": 0.50}', 0.5],
    ['Places {1, 2} are odd: {"score": 1}', 1],
  ])('is read from %j', (written, score) => {
    expect(spokenScore(written)).toBe(score);
  });

  it.each([
    ['I am sorry, I cannot help with that.', /no JSON with a score: I am sorry/],
    ['{"score": 0.1} or {"score": 0.9}', /several scores that differ/],
    ['{"score": 0.1, "score": 0.9}', /several scores in one/],
    ['{"score": 0.1, "other": {"score": 0.9}}', /several scores in one/],
    ['{"score": 1.2}', /between 0 and 1/],
    ['{"score": -0.1}', /between 0 and 1/],
    ['{"score": "90 %"}', /between 0 and 1/],
    ['{"score": "0,9"}', /between 0 and 1/],
    ['{"score": ""}', /between 0 and 1/],
    ['{"score": true}', /between 0 and 1/],
    ['{"score": null}', /between 0 and 1/],
    ['{"score": [0.9]}', /between 0 and 1/],
    ['{"score": 0.9,}', /is no JSON/],
    ['{"score": 0.9', /is no JSON/],
    ['{"score": NaN}', /is no JSON/],
    ['{"verdict": {"result": 0.4}}', /no JSON with a score/],
    ['<think>It may be {"score": 0.4}', /still thinking/],
    ['', /no JSON with a score/],
  ])('is not guessed from %j', (written, why) => {
    expect(() => spokenScore(written)).toThrow(why);
  });

  it('shows the first 200 characters of what it could not read, on one line', () => {
    const written = `no\u0007\n${'x'.repeat(1000)}`;
    expect(() => spokenScore(written)).toThrow(`it gave no JSON with a score: no ${'x'.repeat(197)}`);
    try {
      spokenScore(written);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(240);
    }
  });
});
