import type { Disposition } from '@selvedge/core/records';
import type { Output } from '../live/live-station.js';
import type { Equipment } from './equipment.js';

/** Where the equipment is told what becomes of a unit. */
export interface VerdictTags {
  readonly target: string;
  /** What is written for each disposition; `{unit}` stands for the unit's identity. */
  readonly words: Readonly<Record<Disposition, string | number>>;
  /** From the decision to the last moment at which it may still be written. */
  readonly withinMs: number;
}

/**
 * Tells equipment through the guard. What the guard does not let through is `not-sent`; where nobody can say whether it
 * arrived it is `unknown`.
 */
export const verdictOutput =
  (
    equipment: Equipment,
    { station, tags, release }: { station: string; tags: VerdictTags; release: () => string },
  ): Output =>
  async ({ id, disposition, by }) => {
    const word = tags.words[disposition];
    const written = await equipment.write({
      ...{ target: tags.target, station, withinMs: tags.withinMs, release: release() },
      value: typeof word === 'string' ? word.replaceAll('{unit}', () => id) : word,
      decision: `unit:${id}`,
      // A safe default is what a person configured for the case that nobody answers.
      byPerson: by !== 'gate',
      // The same unit is told the same thing once, also after a restart.
      id: `${station}:${id}:${disposition}`,
    });
    // Told before, by a process that stopped before it could write that: how that ended is on disk, or nobody knows.
    if (!written.sent && written.why === 'duplicate')
      return equipment.endedAs(`${station}:${id}:${disposition}`);
    if (!written.sent) return 'not-sent';
    return written.receipt.outcome === 'refused' ? 'not-sent' : written.receipt.outcome;
  };
