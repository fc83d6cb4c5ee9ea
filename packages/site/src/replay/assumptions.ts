import type { Contract, Evidence, Origin } from '@selvedge/core/records';

export interface AssumptionFacts {
  readonly contract: Contract;
  readonly origin: Origin;
  /** True where the stream's order is a seeded shuffle and not the order of time. */
  readonly orderUnknown: boolean;
  readonly grouped: boolean;
  /** The owner said that units of one group are independent. */
  readonly independentUnits: boolean;
  /** Faults come in clusters inside a group. */
  readonly clustered: boolean;
  /** Where they do: all units count, by groups; else one drawn from each. */
  readonly byGroup: boolean;
}

/** What the bounds rest on, in plain words, each with the way a broken one would show. */
export function assumptions(facts: AssumptionFacts): Evidence['assumptions'] {
  const list: { text: string; check: string }[] = [
    {
      text: 'The units of the stream come from the same process as the units on which the gate was certified.',
      check:
        'The drift chart rises above its alarm line, or the audits find more bad units than the budget allows.',
    },
    {
      text: 'The labels are right. The bounds speak of agreement with the labels given; an error of the person who gave them is not seen here.',
      check:
        'Let a second person judge a blind sample, or mix known-bad units into the audits: the share missed raises every bound.',
    },
    {
      text: 'Audits are drawn at random with a known probability before the outcome is known.',
      check:
        'Each draw can be recomputed from the audit secret and the unit id; the secret was committed by its hash.',
    },
  ];
  if (facts.clustered) {
    list.push({
      text: facts.byGroup
        ? 'Faults come in clusters inside a group, so each group is one piece of evidence; groups are independent of each other.'
        : 'Faults come in clusters inside a group, so the certificate counts one unit per group.',
      check: 'The permutation test of the calibration set, in the warnings.',
    });
  } else if (facts.independentUnits) {
    list.push({
      text: 'Units of one group are independent of each other. The owner of the data set said so; it was not tested.',
      check: 'Run again without --independent-units.',
    });
  } else if (facts.grouped) {
    list.push({
      text: 'Faults do not come in clusters inside a group: the permutation test found none at the 1 % level.',
      check: 'Two or more bad units in one group more often than chance gives.',
    });
  } else {
    list.push({
      text: 'Units are independent of each other: one bad unit does not make the next one bad.',
      check: 'Name the lot, board or shift with --group: the certificate then tests for clusters.',
    });
  }
  if (facts.orderUnknown) {
    list.push({
      text: 'The order of the units is a seeded shuffle. Drift over time that is in the process is not in this replay.',
      check: 'Give a time column; the last 30 % of the time then become the stream.',
    });
  }
  if (facts.contract === 'per-unit') {
    list.push({
      text: 'The promise counts escapes per unit leaving the station. Where bad units are rare, a part of it is carried by their rarity and not by the model.',
      check:
        'Compare with "escapes among automatic passes", which is printed beside it, or promise that with --contract per-pass.',
    });
  }
  if (facts.origin === 'simulated') {
    list.push({
      text: 'The data are simulated. They show what the program does on such a process, and nothing about the method or a real plant: their constants were chosen by its makers.',
      check: 'Replay recorded units of your own line.',
    });
  }
  return list;
}
