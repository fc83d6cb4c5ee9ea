/** How one unit of the stream ended, with the truth that only a replay knows. */
export interface Outcome {
  /** `gate`: decided automatically (whether audited afterwards or not); `person`: asked. */
  readonly by: 'gate' | 'person';
  readonly call: 'pass' | 'reject' | 'ask';
  readonly audited: boolean;
  readonly bad: boolean;
}

/**
 * Counts of a stream. An audited unit is judged by a person before it moves on, so it is automatic (the gate
 * decided it) but neither an escape nor an overkill; person touches are `asked + audits`.
 */
export interface Tally {
  readonly units: number;
  readonly automatic: number;
  readonly asked: number;
  readonly audits: number;
  /** Automatic passes that nobody looked at: the denominator of the per-pass rate. */
  readonly unseenPasses: number;
  readonly escapes: number;
  readonly overkills: number;
}

export const EMPTY_TALLY: Tally = {
  units: 0,
  automatic: 0,
  asked: 0,
  audits: 0,
  unseenPasses: 0,
  escapes: 0,
  overkills: 0,
};

/** The tally after one more unit. */
export function count(tally: Tally, { by, call, audited, bad }: Outcome): Tally {
  const gate = by === 'gate';
  const unseen = gate && !audited;
  return {
    units: tally.units + 1,
    automatic: tally.automatic + (gate ? 1 : 0),
    asked: tally.asked + (gate ? 0 : 1),
    audits: tally.audits + (gate && audited ? 1 : 0),
    unseenPasses: tally.unseenPasses + (unseen && call === 'pass' ? 1 : 0),
    escapes: tally.escapes + (unseen && call === 'pass' && bad ? 1 : 0),
    overkills: tally.overkills + (unseen && call === 'reject' && !bad ? 1 : 0),
  };
}
