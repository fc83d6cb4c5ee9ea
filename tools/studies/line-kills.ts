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
/** Kills of one line: a part of the study that a stopped run does not repeat; below nine minutes also on a busy machine. */
const PER_LINE = 3;
const SPEED = 20;
/** Lines that stop before their kills are done are told, and others take their place; so many at most. */
const MOST_LINES = 3;

interface Part {
  readonly victims: readonly Victim[];
  readonly account: Account;
  /** Answers of people that a site acknowledged and its journal does not have. */
  readonly answersLost: number;
  /** Why the line ended before its kills were done; null where it did not. What happened until then counts. */
  readonly stopped: string | null;
}

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
  const parts: Part[] = [];
  const done = (): number => parts.reduce((all, { victims }) => all + victims.length, 0);
  for (let n = 0; done() < runs && n < MOST_LINES * Math.ceil(runs / PER_LINE); n++) {
    progress(done() / runs, `line ${n + 1}`);
    const kills = Math.min(PER_LINE, runs - done());
    parts.push(await step(`line ${n}, ${kills} kills`, () => killedLine(seed * 1000 + n, kills)));
  }
  const sum = (of: (account: Account) => number): number =>
    parts.reduce((all, { account }) => all + of(account), 0);
  const killed = parts.flatMap(({ victims }) => victims);
  const stopped = parts.flatMap((part) => part.stopped ?? []);
  const figures = {
    covers: sum(({ made }) => made),
    inTheJournalOnce: sum(({ once }) => once),
    missing: sum(({ missing }) => missing.length),
    missingOnTheRack: sum(({ missingOnTheRack }) => missingOnTheRack),
    twice: sum(({ twice }) => twice.length),
    answers: sum(({ answers }) => answers),
    answersLost: parts.reduce((all, { answersLost }) => all + answersLost, 0),
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
  };
  const { missing, twice, answersLost, believedTold, toldOtherwise, toldTwice } = figures;
  const wrong = [missing, twice, answersLost, believedTold, toldOtherwise, toldTwice];
  wrong.push(figures.unintendedSettings, figures.safetyTouched, stopped.length);
  wrong.push(figures.covers - figures.told - figures.onTheRack);
  return {
    what: 'demand: 30 kills at random of connector, site, line and broker: no acknowledged record lost, no stale write carried out, no unit unaccounted for',
    kills: Object.fromEntries(VICTIMS.map((name) => [name, killed.filter((one) => one === name).length])),
    ...figures,
    stopped,
    reached: killed.length >= runs && wrong.every((n) => n === 0),
    parts,
  };
}

async function killedLine(seed: number, kills: number): Promise<Part> {
  const random = createRandom(seed);
  const plant = await LineUnderSite.open({ seed, speed: SPEED });
  const victims: Victim[] = [];
  let stopped: string | null = null;
  try {
    try {
      await plant.go();
      await plant.made(4);
      for (let k = 0; k < kills; k++) {
        const victim = VICTIMS[Math.floor(random.next() * VICTIMS.length)] ?? 'site';
        await new Promise((resolve) => setTimeout(resolve, 1000 + 5000 * random.next()));
        victims.push(victim);
        await plant.kill(victim, random.next());
      }
      await plant.made(plant.rows.filter(({ kind }) => kind === 'made').length + 4);
      await plant.connected();
      await plant.drain();
    } catch (error) {
      // A process that does not come back is a finding, not the end of the study.
      stopped = `after ${victims.join(', ')}: ${error instanceof Error ? error.message : String(error)}`;
    }
    await plant.stop();
    const account = await accountOf(plant.folder);
    return { victims, account, answersLost: Math.max(0, plant.answered - account.answers), stopped };
  } finally {
    await plant.remove();
  }
}
