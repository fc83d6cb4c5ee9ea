import { setTimeout as wait } from 'node:timers/promises';
import type { Refusal, Written } from '@selvedge/connect';
import type { Disposition, SiteFactBody } from '@selvedge/core/records';
import type { SiteClock } from '../live/clock.js';
import type { Output } from '../live/live-station.js';
import type { Equipment, Wish } from './equipment.js';

/** Where the equipment is told what becomes of a unit. */
export interface VerdictTags {
  readonly target: string;
  /** What is written for each disposition; `{unit}` stands for the unit's identity. */
  readonly words: Readonly<Record<Disposition, string | number>>;
  /** From the decision to the last moment at which it may still be written. */
  readonly withinMs: number;
}

export interface VerdictOptions {
  readonly station: string;
  readonly tags: VerdictTags;
  readonly release: () => string;
  readonly clock: SiteClock;
}

type Outcome = SiteFactBody<'released'>['outcome'];

/** Why nothing was sent, where it may pass before the time of the unit is up. */
const PASSES: ReadonlySet<Refusal> = new Set<Refusal>([
  ...(['busy', 'too-soon', 'held-unknown', 'not-journaled', 'interlock-unknown'] as const),
  ...(['interlock-bad', 'interlock-stale', 'interlock-open', 'link-down'] as const),
]);
const LOOK_MS = 20;
/** After a wait in vain the next unit is not waited for until something could be written again, or so long. */
const VAIN_MS = 5000;

/**
 * Tells equipment through the guard. A verdict that never left is told once more, as a command of its own, when what held
 * it back has passed within the time of the unit and under the same connection; only where it names its unit, since it may
 * come after that of the next one. What was not told in the end is `not-sent` and a person's matter, like `unknown`, which
 * is never told again.
 */
export function verdictOutput(
  equipment: Equipment,
  { station, tags, release, clock }: VerdictOptions,
): Output {
  const { guard } = equipment;
  const { target, withinMs } = tags;
  /** Those that are told once more, one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  let vainUntilMs = -Infinity;

  /** Whether something could be written before the time is up, under the connection that there was. */
  async function passes(untilMs: number, connection: number): Promise<boolean> {
    while (clock.steadyMs() < untilMs && guard.mode === 'act' && guard.known.turn === connection) {
      if (guard.ready(target) === null) {
        vainUntilMs = -Infinity;
        return true;
      }
      if (clock.steadyMs() < vainUntilMs) return false;
      await wait(LOOK_MS);
    }
    vainUntilMs = clock.steadyMs() + VAIN_MS;
    return false;
  }

  return async ({ id, disposition, by }) => {
    const untilMs = clock.steadyMs() + withinMs;
    const connection = guard.known.turn;
    const word = tags.words[disposition];
    const wish: Wish = {
      ...{ target, station, withinMs, release: release() },
      value: typeof word === 'string' ? word.replaceAll('{unit}', () => id) : word,
      decision: `unit:${id}`,
      // A safe default is what a person configured for the case that nobody answers.
      byPerson: by !== 'gate',
    };
    // The same unit is told the same thing once, also after a restart.
    const first = `${station}:${id}:${disposition}`;
    const again = `${first}:again`;
    let written = await equipment.write({ ...wish, id: first });
    if (!written.sent && PASSES.has(written.why) && String(word).includes('{unit}')) {
      const told = turn.then(async (): Promise<Written> => {
        if (!(await passes(untilMs, connection))) return written;
        return equipment.write({
          ...{ ...wish, release: release(), id: again },
          withinMs: Math.floor(untilMs - clock.steadyMs()),
        });
      });
      turn = told.catch(() => {});
      written = await told;
    }
    // Told before, by a process that stopped before it could write that: how that ended is on disk, or nobody knows.
    if (!written.sent && written.why === 'duplicate') return endedAs(equipment, [again, first]);
    const { outcome, why } = written.sent
      ? written.receipt
      : { outcome: 'refused' as const, why: written.why };
    if (outcome !== 'refused') return outcome;
    await equipment.untold({ ...wish, id: `${first}:untold` }, why);
    return 'not-sent';
  };
}

/** How the last of these commands ended that there was; `unknown` where nobody wrote that down. */
function endedAs(equipment: Equipment, ids: readonly string[]): Outcome {
  const outcome = ids.map((id) => equipment.endedAs(id)).find((one) => one !== null);
  return outcome ?? 'unknown';
}
