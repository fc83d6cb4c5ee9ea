import {
  type AdviserGains,
  CORRECTIONS_PLAN,
  type Controller,
  CorrectedController,
  CorrectionsGate,
  type CorrectionsTransition,
  drawPlant,
  guideController,
  type OutsideName,
  PidController,
  type PidGains,
  runMachine,
  SEAM_STITCHES,
  seamFeatures,
} from '@selvedge/pack-seat-sewing';
import { unavoidable } from './seat-sewing-floor.js';
import { VERDICT_PLAN, type VerdictResult, type VerdictUnit, verdictGate } from './seat-sewing-verdict.js';

export const ARMS = ['guide', 'pid', 'gate', 'always'] as const;
export type Arm = (typeof ARMS)[number];

/** Covers of a machine in a block of the bootstrap. */
export const BLOCK = 24;
const MACHINES = 2;
const REACHED = new Set(['off-line', 'loose', 'tight', 'pucker']);

/** What one arm did at one plant. Counts are of all covers of both machines. */
export interface ArmResult {
  readonly acts: Readonly<Record<string, { readonly count: number; readonly seconds: number }>>;
  readonly labels: Readonly<Record<string, number>>;
  readonly planned: { readonly bobbin: number; readonly needle: number };
  /** Interventions by block of covers, and those of them that steering and tension can reach. */
  readonly blocks: readonly number[];
  readonly reached: readonly number[];
}

export interface PlantResult {
  readonly seed: number;
  readonly outside: OutsideName | null;
  readonly covers: number;
  /** Interventions per 100 covers that no correction of steering or tension and no change of a needle avoids. */
  readonly unavoidable: number;
  readonly arms: Readonly<Record<Arm, ArmResult>>;
  readonly gates: readonly {
    readonly transitions: readonly CorrectionsTransition[];
    readonly states: CorrectionsGate['states'];
    readonly applied: number;
    readonly touchedSafety: number;
  }[];
  readonly verdict: VerdictResult;
}

export interface StudyGains {
  readonly pid: PidGains;
  readonly adviser: AdviserGains;
}

interface PlantOptions {
  readonly seed: number;
  readonly outside: OutsideName | null;
  readonly coversPerMachine: number;
  readonly gains: StudyGains;
  readonly verdict?: Readonly<Record<keyof typeof VERDICT_PLAN, number>>;
}

/** One arm of a plant alone. */
export const runOneArm = (options: PlantOptions, arm: Arm): ArmResult => plantRun(options).runArm(arm);

/** All arms on one plant, met by the same disturbances, and its verdict gate. `always` may be run apart, and is then handed in. */
export function runPlant(options: PlantOptions, always?: ArmResult): PlantResult {
  const { seed, outside, coversPerMachine: covers, verdict = VERDICT_PLAN } = options;
  const { plant, units, gates, runArm } = plantRun(options);
  const arms = {
    guide: runArm('guide'),
    pid: runArm('pid'),
    gate: runArm('gate'),
    always: always ?? runArm('always'),
  };
  units.sort((a, b) => a.at - b.at);
  return {
    seed,
    outside,
    covers: covers * MACHINES,
    unavoidable: unavoidable(plant, covers),
    arms,
    gates,
    verdict: verdictGate(
      units.map(({ unit }) => unit),
      seed,
      verdict,
    ),
  };
}

function plantRun({ seed, outside, coversPerMachine: covers, gains }: PlantOptions) {
  const plant = drawPlant(seed, outside);
  const units: { at: number; unit: VerdictUnit }[] = [];
  const gates: PlantResult['gates'][number][] = [];
  const runArm = (arm: Arm): ArmResult => {
    const acts: Record<string, { count: number; seconds: number }> = {};
    const labels: Record<string, number> = {};
    const planned = { bobbin: 0, needle: 0 };
    const blocks: number[] = [];
    const reached: number[] = [];
    for (let machine = 0; machine < MACHINES; machine++) {
      const gate = arm === 'gate' ? new CorrectionsGate(CORRECTIONS_PLAN, seed * MACHINES + machine) : null;
      const controller = controllerOf(arm, gains, gate);
      const first = machine * Math.ceil(covers / BLOCK);
      for (const sewn of runMachine(plant, { machine, controller, covers })) {
        const { context, acts: done, strips } = sewn.finished;
        const block = first + Math.floor(context.cover / BLOCK);
        const { label } = sewn.truth;
        labels[label] = (labels[label] ?? 0) + 1;
        planned.bobbin += Number(sewn.planned.bobbin);
        planned.needle += Number(sewn.planned.needle);
        blocks[block] = (blocks[block] ?? 0) + done.length;
        let reach = 0;
        for (const { type, seconds } of done) {
          const sum = acts[type] ?? { count: 0, seconds: 0 };
          acts[type] = { count: sum.count + 1, seconds: sum.seconds + seconds };
          if (type === 'realign' || type === 'tension' || (type === 're-sew' && REACHED.has(label))) reach++;
        }
        reached[block] = (reached[block] ?? 0) + reach;
        if (arm !== 'gate') continue;
        units.push({
          at: context.cover * MACHINES + machine,
          unit: {
            features: seamFeatures(sewn.traces, strips),
            group: `${machine}-${context.hide}`,
            safety: context.safety,
            paired: gate?.paired ?? false,
            bad: label !== 'good',
          },
        });
      }
      if (gate !== null && controller instanceof CorrectedController)
        gates.push({
          transitions: gate.transitions,
          states: gate.states,
          applied: controller.applied,
          touchedSafety: controller.touchedSafety,
        });
    }
    return { acts, labels, planned, blocks, reached };
  };
  return { plant, units, gates, runArm };
}

function controllerOf(arm: Arm, { pid, adviser }: StudyGains, gate: CorrectionsGate | null): Controller {
  if (arm === 'guide') return guideController();
  if (arm === 'pid') return new PidController(pid);
  return new CorrectedController({ pid, adviser, gate, stitches: SEAM_STITCHES });
}
