import { describe, expect, it } from 'vitest';
import { count, EMPTY_TALLY, type Outcome } from './tally.js';

const run = (...outcomes: Outcome[]) => outcomes.reduce(count, EMPTY_TALLY);
const pass = { by: 'gate', call: 'pass', audited: false, bad: false } as const;

describe('count', () => {
  it('keeps automatic + asked = units, with audits among the automatic ones', () => {
    const t = run(pass, { ...pass, audited: true }, { by: 'person', call: 'ask', audited: false, bad: true });
    expect(t).toMatchObject({ units: 3, automatic: 2, asked: 1, audits: 1, unseenPasses: 1, escapes: 0 });
  });
  it('counts an escape only where nobody looked', () => {
    expect(run({ ...pass, bad: true }, { ...pass, bad: true, audited: true }).escapes).toBe(1);
  });
  it('counts an overkill only for a good unit that the gate rejected unseen', () => {
    const reject = { by: 'gate', call: 'reject', audited: false, bad: false } as const;
    expect(run(reject, { ...reject, bad: true }, { ...reject, audited: true }).overkills).toBe(1);
  });
});
