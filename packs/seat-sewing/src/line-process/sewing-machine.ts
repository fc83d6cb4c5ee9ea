import { lossOf } from '../control/corrections-gate.js';
import { LineMachine, SEAM_STITCHES } from '../line/line-machine.js';
import { lineConstant } from '../line/line-priors.js';
import type { Plant } from '../line/plant.js';
import type { LineLabel } from '../line/seam-truth.js';
import type { Command, CoverContext, LineAct, PlannedWork } from '../line/signals.js';
import { prior } from '../priors.js';
import { type Leave, LeaveController } from './leave.js';

/** Names and order of a seam's traces on the wire. */
export const TRACES = ['consumption', 'tension', 'torque', 'foot-height', 'offset'] as const;

/** Everything that is known of a cover when it is sewn. */
export interface SewnSeam {
  readonly cover: number;
  readonly part: string;
  readonly safety: boolean;
  readonly hide: number;
  readonly threadLot: number;
  readonly spool: number;
  /** One list of numbers a trace, a number a stitch, in the order of {@link TRACES}. */
  readonly traces: readonly (readonly number[])[];
  /** Acts of the person while it was sewn; sewing anew follows from the verdict, which is still to come. */
  readonly acts: readonly {
    readonly type: LineAct['type'];
    readonly stitch: number;
    readonly seconds: number;
  }[];
  readonly planned: PlannedWork;
  readonly leave: Leave;
  /** What corrections leave wrong, smaller is better; 1 where a picture or the person found it out of tolerance. */
  readonly loss: number;
  readonly out: 0 | 1;
  readonly agreedSteering: boolean | null;
  readonly agreedTension: boolean | null;
  /** cN that the adviser proposes for the next cover; null before it knows the machine. */
  readonly proposedTrim: number | null;
  /** Covers of this part whose course was learnt before this one, since its template was last changed. */
  readonly learnt: number;
  /** Truth, for the ledger and the picture only: no protocol tells it. */
  readonly truth: {
    readonly label: LineLabel;
    readonly error: readonly number[];
    readonly lock: readonly number[];
    readonly faults: readonly number[];
    /** Mean distance of the lock from the middle, share of the thickness. */
    readonly lockError: number;
    /** mm rms beside the line where the path curves. */
    readonly curveError: number;
  };
}

/** Factor on a plant's skip hazard for one cover, when a skipped stitch is asked for. */
const SKIPS = 60;
/** It is asked for at so many covers at most, until a stitch was skipped. */
const SKIP_COVERS = 12;
/** 1/mm from which a path counts as a curve: half of what the widest one has. */
const CURVE = 0.5 / lineConstant('curveWidest');
const REACHED: ReadonlySet<LineLabel> = new Set(['off-line', 'loose', 'tight', 'pucker']);

/**
 * One machine with its person and its controller, stitch by stitch, without a clock: the same plant, the same leaves and
 * the same moments give the same covers, bit for bit.
 */
export class SewingMachine {
  readonly #plant: Plant & {
    readonly constants: { skipHazard: number };
    templateMisses: readonly (readonly number[])[];
  };
  readonly #index: number;
  readonly #skipHazard: number;
  readonly #line: LineMachine;
  readonly #controller = new LeaveController(SEAM_STITCHES);
  readonly #command: Command = { curvature: 0, logTension: 0 };
  #context: CoverContext | null = null;
  #planned: PlannedWork = { bobbin: false, needle: false };
  #acts = 0;
  #skips = 0;
  /** Covers of each part since its template was changed. */
  readonly #since = new Map<string, number>();

  constructor(plant: Plant, machine: number) {
    this.#plant = { ...plant, constants: { ...plant.constants } };
    this.#index = machine;
    this.#skipHazard = plant.constants.skipHazard;
    this.#line = new LineMachine(this.#plant, machine);
  }

  /** What is known of the next cover, without starting it. */
  next(): CoverContext {
    return this.#line.next();
  }

  /** Offset of each stitch so far, mm; one object that is re-used. */
  get offsets(): Float32Array {
    return this.#line.traces.offset;
  }

  /** Needle thread tension of each stitch so far, cN; one object that is re-used. */
  get tensions(): Float32Array {
    return this.#line.traces.tension;
  }

  get stitch(): number {
    return this.#line.signals.stitch;
  }

  /** Another lot of thread from the next cover on, with so many times the friction. */
  newThread(friction: number): void {
    const { lots } = this.#line.thread;
    this.#line.thread = { lots: lots + 1, friction };
  }

  /** The next covers are sewn where stitches are skipped easily, until one was. */
  skipNext(): void {
    this.#skips = SKIP_COVERS;
  }

  /** Another template from the next cover on: it misses this share of every curve of this machine's parts. */
  newTemplate(miss: number): void {
    this.#plant.templateMisses = this.#plant.templateMisses.map((of, machine) =>
      machine === this.#index ? of.map(() => miss) : of,
    );
    this.#since.clear();
  }

  start(leave: Leave): CoverContext {
    this.#plant.constants.skipHazard = this.#skipHazard * (this.#skips > 0 ? SKIPS : 1);
    if (this.#skips > 0) this.#skips -= 1;
    this.#controller.grant(leave);
    this.#planned = this.#controller.plan(this.#line.next());
    const context = this.#line.startCover(this.#planned);
    this.#controller.startCover(context);
    this.#context = context;
    this.#acts = 0;
    return context;
  }

  /** One stitch; what the person had to do at it, and whether the cover is done. */
  sew(): { readonly done: boolean; readonly acts: readonly LineAct[] } {
    const drives = this.#controller.step(this.#line.signals, this.#command);
    const done = this.#line.sew(drives ? this.#command : null);
    const acts = this.#line.acts.slice(this.#acts);
    this.#acts += acts.length;
    for (const { type } of acts) this.#controller.acted(type);
    return { done, acts };
  }

  /** @throws Error where no cover lies under the foot. */
  finish(): SewnSeam {
    const context = this.#context;
    if (context === null) throw new Error('no cover was started');
    this.#context = null;
    const { finished, truth } = this.#line.endCover(context);
    if (truth.label === 'skip') this.#skips = 0;
    const part = this.#plant.parts[context.part];
    const name = part?.name ?? '';
    const learnt = this.#since.get(name) ?? 0;
    this.#since.set(name, learnt + 1);
    this.#controller.endCover(finished);
    const { traces, thread } = this.#line;
    const most = finished.strips.reduce((far, x) => Math.max(far, Math.abs(x)), 0);
    const { leave, agreedSteering, agreedTension, ready, proposedTrim } = this.#controller;
    return {
      ...{ cover: context.cover, part: name, safety: context.safety },
      ...{
        hide: context.hide,
        threadLot: context.threadLot,
        spool: thread.lots,
        planned: this.#planned,
        leave,
      },
      traces: [traces.consumption, traces.tension, traces.torque, traces.footHeight, traces.offset].map(
        (one) => [...one],
      ),
      acts: finished.acts.filter(({ type }) => type !== 're-sew'),
      loss: lossOf(finished),
      out: most > prior('lineTolerance') || REACHED.has(truth.label) ? 1 : 0,
      ...{ agreedSteering, agreedTension, proposedTrim: ready ? proposedTrim : null, learnt },
      truth: {
        label: truth.label,
        error: [...truth.error],
        lock: [...truth.lock],
        faults: [...truth.stitchTruth],
        lockError: truth.lock.reduce((sum, x) => sum + Math.abs(x), 0) / truth.lock.length,
        curveError: rms(truth.error.filter((_, s) => Math.abs(part?.path[s] ?? 0) > CURVE)),
      },
    };
  }
}

const rms = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / Math.max(1, values.length));
