import { intervention, Person } from '../person.js';
import { prior } from '../priors.js';
import { balancedLogRatio, lockPoint, logBobbinTension, threadOfStitch } from '../thread.js';
import { STITCH } from '../truth.js';
import { normalAt, split, uniformAt } from './counter-random.js';
import { lineConstant } from './line-priors.js';
import { BRANCH, type Part, type Plant, partOfCover } from './plant.js';
import { type LineLabel, lineLabelOf, PUCKER } from './seam-truth.js';
import type {
  Command,
  CoverContext,
  FinishedCover,
  LineAct,
  PlannedWork,
  SeamTraces,
  StitchSignals,
} from './signals.js';

/** Stitches of a cover. */
export const SEAM_STITCHES = lineConstant('stitches');
const STITCHES = SEAM_STITCHES;
const STEP = prior('stitchLength');
const STRIP = lineConstant('stripStitches');
const STRIPS = Math.floor(STITCHES / STRIP);
const LIMIT = prior('steeringLimit');
const LINE_TOLERANCE = prior('lineTolerance');
const LOCK_TOLERANCE = prior('lockTolerance');
const TACK = prior('backTackStitches');
const TACK_LENGTH = prior('backTackLength');
const LOG_NEEDLE = Math.log(prior('needleTension'));
const WRAP = prior('wrapAngle');
const LAG = prior('actuatorLag');
const GUIDE = lineConstant('guideLength');
/** Nominal thread of a stitch: what a full bobbin is counted in. */
const NOMINAL_THREAD = threadOfStitch(STEP, prior('plyThickness') * prior('seamPlies'), 0.5);
const TARGET = balancedLogRatio();
const KEEP_PATH = Math.exp(-STEP / prior('templateLength'));
const NEW_PATH = Math.sqrt(1 - KEEP_PATH * KEEP_PATH);
const KEEP_WITHIN = Math.exp(-STEP / prior('withinHideLength'));
const NEW_WITHIN = Math.sqrt(1 - KEEP_WITHIN * KEEP_WITHIN);
const DARK_STRETCH = 40;
/** Numbers drawn for one stitch, and those that are drawn for a cover behind them. */
const PER_STITCH = 16;
const DRAW = {
  path: 0,
  line: 1,
  kick: 2,
  within: 3,
  tension: 4,
  camera: 5,
  read: 6,
  foot: 7,
  torque: 8,
  thread: 9,
  break: 10,
  skip: 11,
  pucker: 12,
  slip: 13,
  again: 14,
  knob: 15,
} as const;
const COVER_DRAW = STITCHES * PER_STITCH;

/** Truth of a cover, for counting only: no controller and no gate sees it. */
export interface CoverTruth {
  readonly label: LineLabel;
  /** Bits of STITCH and PUCKER, one byte a stitch. */
  readonly stitchTruth: Uint8Array;
  /** mm beside the line at each stitch, and lock point off the middle, as sewn. */
  readonly error: Float32Array;
  readonly lock: Float32Array;
}

/**
 * One machine of a plant with the person at it, stitch by stitch. Call `startCover`, then `sew` until it is true, then
 * `endCover`. All chance comes from the plant's seed by (machine, cover, stitch): what a controller does never changes
 * what disturbs it later, and what a person's act or a new bobbin brings depends only on when it happens.
 */
export class LineMachine {
  readonly signals: StitchSignals = {
    stitch: 0,
    offset: 0,
    tension: prior('needleTension'),
    consumption: NOMINAL_THREAD,
    footHeight: prior('plyThickness') * prior('seamPlies'),
    torque: prior('torqueBase'),
    curvature: 0,
    logTension: 0,
    knob: 0,
  };
  readonly traces: SeamTraces = {
    consumption: new Float32Array(STITCHES),
    tension: new Float32Array(STITCHES),
    torque: new Float32Array(STITCHES),
    footHeight: new Float32Array(STITCHES),
    offset: new Float32Array(STITCHES),
  };
  /** Another spool: lots beyond those of the plant, and a factor on their friction; holds from the next cover on. */
  thread = { lots: 0, friction: 1 };
  readonly #stitchTruth = new Uint8Array(STITCHES);
  readonly #error = new Float32Array(STITCHES);
  readonly #lock = new Float32Array(STITCHES);
  readonly #person = new Person();
  readonly #plant: Plant;
  readonly #machine: number;
  #cover = -1;
  #key = 0;
  #stitch = 0;
  #part: Part;
  #templateMiss = 0;
  #acts: LineAct[] = [];
  // Course
  #e = 0;
  #psi = 0;
  #bent = 0;
  #wander = 0;
  // Thread
  #knob = 0;
  #tensioner = 0;
  #logWander = 0;
  #logHeat = 0;
  #friction = 0;
  #lot = -1;
  #bobbinUsed = 0;
  #bobbinHolds = 1;
  #bobbinSet = 0;
  #bobbinStitches = 0;
  #needleStitches = 0;
  #broken = false;
  #hide = 0;
  #within = 0;
  #tackMissing: 'start' | 'end' | null = null;

  constructor(plant: Plant, machine: number) {
    this.#plant = plant;
    this.#machine = machine;
    this.#part = plant.parts[0]!;
    const key = split(plant.seed, BRANCH.machine, machine);
    this.#needleStitches = Math.floor(uniformAt(key, 0) * prior('needleLife'));
    this.#newBobbin(split(key, BRANCH.bobbin));
    this.#bobbinUsed = uniformAt(key, 1) * prior('bobbinStitches');
    this.#bobbinStitches = Math.floor(this.#bobbinUsed);
    this.#logWander = plant.constants.tensionWander * normalAt(key, 2);
  }

  /** What is known before the next cover. Planned work, decided on it, is done by `startCover`. */
  next(): CoverContext {
    const cover = this.#cover + 1;
    const part = partOfCover(this.#plant, this.#machine, cover);
    return {
      cover,
      part,
      safety: this.#plant.parts[part]!.safety,
      stitches: STITCHES,
      threadLot: this.#lotOf(cover),
      hide: Math.floor(cover / prior('seamsPerHide')),
      needleStitches: this.#needleStitches,
      bobbinStitches: this.#bobbinStitches,
      knob: this.#knob,
    };
  }

  /** Lays the next cover under the foot, after the planned work. */
  startCover(planned: PlannedWork): CoverContext {
    const { constants, seed, odd } = this.#plant;
    const context = this.next();
    const { cover, part, threadLot: lot } = context;
    this.#cover = cover;
    const key = split(seed, BRANCH.cover, this.#machine, cover);
    this.#key = key;
    if (planned.bobbin) this.#newBobbin(split(key, BRANCH.bobbin));
    if (planned.needle) this.#needleStitches = 0;
    this.#part = this.#plant.parts[part]!;
    this.#templateMiss = this.#plant.templateMisses[this.#machine]![part]! + odd.mirrored;
    this.#stitch = 0;
    this.#acts = [];
    this.#stitchTruth.fill(0);
    this.#e = constants.placement * normalAt(key, COVER_DRAW);
    this.#psi = prior('placementHeading') * normalAt(key, COVER_DRAW + 1);
    this.#bent = 0;
    this.#wander = constants.handling * normalAt(key, COVER_DRAW + 2);
    const kept = prior('tensionWanderKept');
    this.#logWander =
      kept * this.#logWander +
      Math.sqrt(1 - kept * kept) * constants.tensionWander * normalAt(key, COVER_DRAW + 3);
    this.#within = prior('withinHideShare') * normalAt(key, COVER_DRAW + 4);
    const tack = uniformAt(key, COVER_DRAW + 5) / prior('missingBackTackRate');
    this.#tackMissing = tack < 0.5 ? 'start' : tack < 1 ? 'end' : null;
    const hide = split(seed, BRANCH.hide, this.#machine, context.hide);
    this.#hide = Math.log(constants.thickness) + prior('hideThicknessShare') * normalAt(hide, 0);
    if (lot !== this.#lot) {
      this.#lot = lot;
      const spool = split(seed, BRANCH.spool, this.#machine, lot);
      this.#friction =
        this.thread.friction *
        (prior('friction') * odd.friction * (1 + constants.frictionLotShare * normalAt(spool, 0)));
    }
    const seconds = cover * (prior('handling') + STITCHES / prior('stitchRate'));
    const degrees =
      constants.temperature -
      prior('temperature') +
      constants.temperatureSwing * Math.sin((2 * Math.PI * seconds) / 86_400);
    this.#logHeat = prior('tensionPerDegree') * degrees;
    this.#broken = false;
    this.#person.nextSeam();
    this.#look();
    return { ...context, needleStitches: this.#needleStitches, bobbinStitches: this.#bobbinStitches };
  }

  /** Sews one stitch under a command; null = the mechanical guide steers and the knob alone sets the tension. True: the cover is done. */
  sew(command: Command | null): boolean {
    const { constants, odd } = this.#plant;
    const s = this.#stitch;
    const at = s * PER_STITCH;
    const key = this.#key;
    const out = this.signals;
    const crossing = this.#part.crossing[s] === 1;

    // Course (DOMAIN form): the handler gives way, the path differs from its template.
    const asked =
      command === null
        ? (1 / (GUIDE * GUIDE)) * this.#e + (2 / GUIDE) * this.#psi
        : Number.isFinite(command.curvature)
          ? command.curvature
          : 0;
    const curvature = Math.min(LIMIT, Math.max(-LIMIT, asked));
    const late = Math.min(1, STEP / (constants.compliance * odd.late));
    this.#bent += late * (constants.steeringGain * odd.follow * curvature - this.#bent);
    this.#wander = KEEP_PATH * this.#wander + NEW_PATH * constants.handling * normalAt(key, at + DRAW.path);
    const missed = this.#wander + this.#templateMiss * this.#part.path[s]!;
    let e = this.#e + STEP * Math.sin(this.#psi) + constants.lineNoise * normalAt(key, at + DRAW.line);
    if (this.#part.kick[s] === 1) e += constants.lineKick * normalAt(key, at + DRAW.kick);
    if (odd.slipRate > 0 && uniformAt(key, at + DRAW.slip) < odd.slipRate)
      e += odd.slip * normalAt(key, at + DRAW.kick);
    this.#psi += STEP * (missed - this.#bent);
    this.#e = e;
    const offLine = Math.abs(e) > LINE_TOLERANCE;

    // Plies under the foot.
    this.#within =
      KEEP_WITHIN * this.#within + NEW_WITHIN * prior('withinHideShare') * normalAt(key, at + DRAW.within);
    const plies =
      prior('seamPlies') + (crossing ? prior('crossSeamPlies') : 0) - (offLine ? prior('offLinePlies') : 0);
    const thickness = prior('plyThickness') * plies * Math.exp(this.#hide + this.#within);

    // Thread: the sensor sits before the last guides and does not see what friction and a worn needle add.
    const wear = (constants.wearRate * this.#needleStitches) / prior('needleWearLife');
    const asksTension = command === null ? this.#knob : command.logTension;
    const logTension = Number.isFinite(asksTension) ? Math.min(0.8, Math.max(-0.8, asksTension)) : this.#knob;
    this.#tensioner += (logTension - this.#tensioner) / LAG;
    const logSensed =
      LOG_NEEDLE +
      this.#logHeat +
      this.#logWander +
      this.#tensioner +
      prior('tensionNoise') * normalAt(key, at + DRAW.tension);
    const logNeedle = logSensed + this.#friction * WRAP + prior('wearTension') * wear;
    const left = Math.max(0, 1 - this.#bobbinUsed / this.#bobbinHolds);
    const balance = TARGET + odd.lock * (logNeedle - logBobbinTension(left, this.#bobbinSet) - TARGET);
    const lock = lockPoint(balance, TARGET);
    const off = lock - 0.5;

    // Hazards: the same uniform for every controller, another rate.
    if (!this.#broken)
      this.#broken =
        uniformAt(key, at + DRAW.break) <
        constants.breakHazard *
          Math.exp(prior('breakPerLock') * Math.max(0, off) + prior('breakPerWear') * wear);
    const broken = this.#broken;
    const empty = left === 0;
    const skipped =
      !broken &&
      (empty ||
        uniformAt(key, at + DRAW.skip) <
          constants.skipHazard *
            (crossing ? prior('skipAtCrossSeam') : 1) *
            Math.exp(
              prior('skipPerLock') * Math.max(0, Math.abs(off) - prior('skipLockFree')) +
                prior('skipPerWear') * wear,
            ));
    const pucker =
      Math.abs(this.#bent) > lineConstant('puckerFrom') &&
      uniformAt(key, at + DRAW.pucker) < lineConstant('puckerHazard');
    const missing = this.#tackMissing;
    const backTack = (s < TACK && missing !== 'start') || (s >= STITCHES - TACK && missing !== 'end');
    const drawn = threadOfStitch(backTack ? TACK_LENGTH : STEP, thickness, lock);
    this.#needleStitches++;
    this.#bobbinStitches++;
    // The bobbin gives what the needle thread does not: along the surface and up to the lock point.
    if (!broken)
      this.#bobbinUsed += threadOfStitch(backTack ? TACK_LENGTH : STEP, thickness, 1 - lock) / NOMINAL_THREAD;

    const draws = broken ? prior('consumptionBroken') : skipped ? prior('consumptionSkipped') : 1;
    const pulls = broken ? prior('tensionBroken') : skipped ? prior('tensionSkipped') : 1;
    const traces = this.traces;
    out.consumption = Math.max(
      0,
      constants.consumptionGain * odd.feeler * draws * drawn +
        prior('consumptionNoise') * normalAt(key, at + DRAW.thread),
    );
    out.tension = Math.max(
      0,
      pulls * Math.exp(logSensed) + prior('tensionReadingNoise') * normalAt(key, at + DRAW.read),
    );
    out.torque =
      prior('torqueBase') +
      prior('torquePerPly') * (thickness / prior('plyThickness')) +
      prior('torqueWear') * wear +
      (backTack ? prior('torqueBackTack') : 0) +
      prior('torqueNoise') * normalAt(key, at + DRAW.torque);
    out.footHeight =
      constants.footGain * thickness + lineConstant('footNoise') * normalAt(key, at + DRAW.foot);
    out.curvature = curvature;
    out.logTension = logTension;
    traces.consumption[s] = out.consumption;
    traces.tension[s] = out.tension;
    traces.torque[s] = out.torque;
    traces.footHeight[s] = out.footHeight;
    traces.offset[s] = out.offset;
    this.#error[s] = e;
    this.#lock[s] = off;
    const tackMissing = (s < TACK && missing === 'start') || (s >= STITCHES - TACK && missing === 'end');
    this.#stitchTruth[s] =
      (skipped ? STITCH.skip : 0) |
      (broken ? STITCH.broken : 0) |
      (off < -LOCK_TOLERANCE ? STITCH.loose : 0) |
      (off > LOCK_TOLERANCE ? STITCH.tight : 0) |
      (offLine ? STITCH.offLine : 0) |
      (tackMissing ? STITCH.backTackMissing : 0) |
      (pucker ? PUCKER : 0);

    const gap = broken ? 'broken' : empty ? 'bobbin' : null;
    for (const type of this.#person.watch({ lockOff: off, lineOff: e, gap })) this.#act(type, off, at);
    this.#stitch = s + 1;
    this.#look();
    return this.#stitch >= STITCHES;
  }

  /** What is known of the finished cover, judged by a person who misses nothing, and apart from it the truth. */
  endCover(context: CoverContext): { finished: FinishedCover; truth: CoverTruth } {
    const last = (STITCHES - 1) * PER_STITCH;
    // A break in the last stitches, or an empty bobbin, is found when the part is taken out.
    if (this.#broken) this.#act('rethread', 0, last);
    if (this.#bobbinUsed >= this.#bobbinHolds) this.#act('bobbin', 0, last);
    const label = lineLabelOf(this.#stitchTruth);
    if (label !== 'good') this.#act('re-sew', 0, last);
    const strips = new Float64Array(STRIPS);
    const { stripBias } = this.#plant.constants;
    for (let i = 0; i < STRIPS; i++) {
      let sum = 0;
      for (let s = i * STRIP; s < (i + 1) * STRIP; s++) sum += this.#error[s]!;
      strips[i] =
        sum / STRIP + stripBias + lineConstant('stripNoise') * normalAt(this.#key, COVER_DRAW + 16 + i);
    }
    return {
      finished: { context, strips, acts: this.#acts, verdict: label, knob: this.#knob },
      truth: {
        label,
        stitchTruth: this.#stitchTruth.slice(),
        error: this.#error.slice(),
        lock: this.#lock.slice(),
      },
    };
  }

  /** Acts of the person at this cover so far. */
  get acts(): readonly LineAct[] {
    return this.#acts;
  }

  /** A controller or a model calls the person: the only thing that it may do at a safety seam. */
  stop(): void {
    this.#acts.push({ type: 'stop', stitch: this.#stitch, seconds: prior('realignSeconds') });
  }

  #act(type: LineAct['type'] & Parameters<typeof intervention>[0], off: number, at: number): void {
    this.#acts.push({ type, stitch: this.#stitch, seconds: intervention(type).seconds });
    if (type === 'rethread') this.#broken = false;
    if (type === 'bobbin') this.#newBobbin(split(this.#key, BRANCH.bobbin, at));
    if (type === 'tension') this.#knob -= (prior('personTensionGain') * off) / prior('lockPerLogRatio');
    if (type === 'realign') {
      this.#e = prior('personRealigns') * normalAt(this.#key, at + DRAW.again);
      this.#psi = prior('placementHeading') * normalAt(this.#key, at + DRAW.knob);
      this.#bent = 0;
    }
  }

  #newBobbin(key: number): void {
    this.#bobbinUsed = 0;
    this.#bobbinStitches = 0;
    this.#bobbinHolds =
      prior('bobbinStitches') * (1 + this.#plant.constants.bobbinFillShare * normalAt(key, 0));
    this.#bobbinSet = prior('bobbinSetShare') * normalAt(key, 1);
  }

  #lotOf(cover: number): number {
    const each = Math.round(this.#plant.constants.coversPerSpool);
    const phase = Math.floor(each * uniformAt(split(this.#plant.seed, BRANCH.spool, this.#machine), 0));
    return Math.floor((cover + phase) / each) + this.thread.lots;
  }

  /** The camera looks ahead of the needle. */
  #look(): void {
    const { constants, odd } = this.#plant;
    const s = this.#stitch;
    this.signals.stitch = s;
    this.signals.knob = this.#knob;
    if (odd.dark > 0 && uniformAt(this.#key, COVER_DRAW + 64 + Math.floor(s / DARK_STRETCH)) < odd.dark) {
      this.signals.offset = Number.NaN;
      return;
    }
    this.signals.offset =
      this.#e +
      (odd.lookAhead ?? constants.lookAhead) * this.#psi +
      constants.cameraBias +
      odd.cameraBias +
      constants.cameraNoise * odd.noise * normalAt(this.#key, s * PER_STITCH + DRAW.camera);
  }
}
