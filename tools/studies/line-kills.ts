import { createRandom } from '@selvedge/models';
import type { Step } from '../../packages/cli/src/index.js';
import {
  type Account,
  accountOf,
  LineUnderSite,
  VICTIMS,
  type Victim,
} from '../studies-kit/line-under-site.js';

const KILLS = 30;
/** Kills of one line: a part of the study that a stopped run does not repeat. */
const PER_LINE = 5;
const SPEED = 20;

/**
 * A line and its site over OPC UA and Sparkplug, one of whose processes is killed at random thirty times. Counted from the
 * line's ledger and the site's journal alone: no cover may be unaccounted for, none twice, no stale write carried out.
 */
export async function run({
  seed,
  runs = KILLS,
  progress,
  step,
}: {
  seed: number;
  runs?: number | undefined;
  progress: (done: number, what: string) => void;
  step: Step;
}): Promise<object> {
  const lines = Math.ceil(runs / PER_LINE);
  const parts: { victims: Victim[]; account: Account }[] = [];
  for (let n = 0; n < lines; n++) {
    const kills = Math.min(PER_LINE, runs - n * PER_LINE);
    parts.push(
      await step(`line ${n}`, async () => {
        progress(n / lines, `line ${n + 1} of ${lines}`);
        return killedLine(seed * 1000 + n, kills);
      }),
    );
  }
  const sum = (of: (account: Account) => number): number =>
    parts.reduce((all, { account }) => all + of(account), 0);
  return {
    kills: Object.fromEntries(
      VICTIMS.map((name) => [
        name,
        parts.flatMap(({ victims }) => victims).filter((one) => one === name).length,
      ]),
    ),
    covers: sum(({ made }) => made),
    inTheJournalOnce: sum(({ once }) => once),
    missing: sum(({ missing }) => missing.length),
    twice: sum(({ twice }) => twice.length),
    told: sum(({ told }) => told),
    onTheRack: sum(({ onTheRack }) => onTheRack.length),
    believedTold: sum(({ believedTold }) => believedTold.length),
    spoilt: sum(({ spoilt }) => spoilt),
    toldOtherwise: sum(({ toldOtherwise }) => toldOtherwise.length),
    toldTwice: sum(({ toldTwice }) => toldTwice),
    refusedByTheLine: sum(({ refused }) => refused.length),
    unintendedSettings: sum(({ unintended }) => unintended),
    safetyTouched: sum(({ safetyTouched }) => safetyTouched),
    doubts: sum(({ doubts }) => doubts),
    nameless: sum(({ nameless }) => nameless),
    parts,
  };
}

async function killedLine(seed: number, kills: number): Promise<{ victims: Victim[]; account: Account }> {
  const random = createRandom(seed);
  const plant = await LineUnderSite.open({ seed, speed: SPEED });
  const victims: Victim[] = [];
  try {
    await plant.line.do({ do: 'go' });
    await plant.made(4);
    for (let k = 0; k < kills; k++) {
      const victim = VICTIMS[Math.floor(random.next() * VICTIMS.length)] ?? 'site';
      await new Promise((resolve) => setTimeout(resolve, 1000 + 5000 * random.next()));
      await plant.kill(victim);
      victims.push(victim);
    }
    await plant.made(plant.rows.filter(({ kind }) => kind === 'made').length + 4);
    await plant.site.connected();
    await plant.drain();
    await plant.stop();
    return { victims, account: await accountOf(plant.folder) };
  } finally {
    await plant.remove();
  }
}
