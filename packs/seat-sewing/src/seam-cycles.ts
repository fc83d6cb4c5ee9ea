import { createRandom, type Random } from '@selvedge/models';
import type { SeamLabel } from './manifest.js';
import { prior } from './priors.js';
import { afterWrap, lockPoint, logBobbinTension, threadOfStitch } from './tension.js';

/** Bits of `stitchTruth`: what is wrong at one stitch. */
export const STITCH = { skip: 1, broken: 2, loose: 4, tight: 8, offLine: 16, backTackMissing: 32 } as const;

/** What a person did during a seam, with the seconds it took. */
export interface SeamIntervention {
  readonly type: 'tension' | 'rethread' | 'bobbin';
  readonly seconds: number;
}

/** One simulated seam. Origin of everything made from it: `simulated`. */
export interface SeamCycle {
  readonly id: string;
  readonly atMs: number;
  readonly hideId: string;
  readonly threadLotId: string;
  readonly label: SeamLabel;
  /** Row-major [stitches, 3]: thread consumption in mm, needle-thread tension in cN, motor torque in N cm. */
  readonly values: Float32Array;
  /** Bits of {@link STITCH}, one byte a stitch. */
  readonly stitchTruth: Uint8Array;
  readonly interventions: readonly SeamIntervention[];
}

export interface SeamOptions {
  readonly seed: number;
  readonly seams: number;
  /** Stitches of each seam; default 100. */
  readonly stitches?: number;
  /** From this seam on the needle-thread tension differs by this factor of ln: a drift to be found. */
  readonly shift?: { readonly fromSeam: number; readonly logTension: number };
}

/** Needs this many stitches off before a seam counts as bad for it. */
const MIN_STITCHES = { lock: 10, line: 4 };
const START_AT_MS = Date.UTC(2026, 0, 5, 6);

/** The machine as it goes from seam to seam. */
interface Machine {
  bobbinLeft: number;
  needleStitches: number;
  logActuator: number;
  logCommand: number;
  offStitches: number;
  wander: number;
  error: number;
  heading: number;
  curvature: number;
  templateCurvature: number;
}

/** Seams one after the other, as a stream: memory does not grow with `seams`. Same options, same seams. */
export function* generateSeams({ seed, seams, stitches = 100, shift }: SeamOptions): Generator<SeamCycle> {
  if (!Number.isInteger(seams) || seams < 1)
    throw new RangeError(`seams must be a whole number from 1 up, got ${seams}`);
  if (!Number.isInteger(stitches) || stitches < 20)
    throw new RangeError(`stitches must be a whole number from 20 up, got ${stitches}`);
  const rng = createRandom(seed);
  const target = Math.log(prior('needleTension') / prior('bobbinTension')) - prior('bobbinEmptyRise') / 3;
  const machine: Machine = {
    bobbinLeft: 1,
    needleStitches: rng.next() * prior('needleLife'),
    logActuator: 0,
    logCommand: 0,
    offStitches: 0,
    wander: 0,
    error: 0,
    heading: 0,
    curvature: 0,
    templateCurvature: 0,
  };
  let lot = 0;
  let hide = 0;
  let lotTension = 0;
  let hideThickness = 0;
  for (let n = 0; n < seams; n++) {
    if (n % prior('seamsPerThreadLot') === 0) {
      lot++;
      lotTension = prior('threadLotShare') * rng.normal();
    }
    if (n % prior('seamsPerHide') === 0) {
      hide++;
      hideThickness = prior('hideThicknessShare') * rng.normal();
    }
    const moved = shift && n >= shift.fromSeam ? shift.logTension : 0;
    const seam = sew(machine, rng, { stitches, target, lotTension: lotTension + moved, hideThickness });
    yield {
      id: `seam-${String(n + 1).padStart(6, '0')}`,
      atMs: START_AT_MS + n * prior('seamInterval') * 1000,
      hideId: `hide-${String(hide).padStart(4, '0')}`,
      threadLotId: `thread-${String(lot).padStart(4, '0')}`,
      ...seam,
    };
  }
}

function sew(
  m: Machine,
  rng: Random,
  {
    stitches,
    target,
    lotTension,
    hideThickness,
  }: { stitches: number; target: number; lotTension: number; hideThickness: number },
): Pick<SeamCycle, 'label' | 'values' | 'stitchTruth' | 'interventions'> {
  const values = new Float32Array(stitches * 3);
  const truth = new Uint8Array(stitches);
  const interventions: SeamIntervention[] = [];
  const tack = prior('backTackStitches');
  const missing = rng.next() < prior('missingBackTackRate') ? (rng.next() < 0.5 ? 'start' : 'end') : null;
  // The knob is turned back once a seam looks right again.
  if (m.offStitches === 0) m.logCommand = 0;
  m.error = 0.12 * rng.normal();
  m.heading = 0.004 * rng.normal();
  m.curvature = 0;
  const kept = prior('tensionWanderKept');
  m.wander = kept * m.wander + Math.sqrt(1 - kept * kept) * prior('tensionWander') * rng.normal();
  let within = 0;
  let crossLeft = 0;
  let broken = false;
  if (m.needleStitches >= prior('needleLife')) m.needleStitches = 0;
  for (let i = 0; i < stitches; i++) {
    const wear = m.needleStitches / prior('needleLife');
    m.needleStitches++;
    m.bobbinLeft -= 1 / prior('bobbinStitches');
    if (m.bobbinLeft <= 0) {
      m.bobbinLeft = 1;
      interventions.push({ type: 'bobbin', seconds: 25 });
    }
    if (crossLeft === 0 && rng.next() < prior('crossSeamRate')) {
      crossLeft = 3;
      m.error += prior('lineKick') * rng.normal();
    }
    const plies = 2 + (crossLeft > 0 ? prior('crossSeamPlies') : 0);
    steer(m, rng);
    const offLine = Math.abs(m.error) > prior('lineTolerance');
    within = 0.97 * within + Math.sqrt(1 - 0.97 ** 2) * prior('withinHideShare') * rng.normal();
    // Beyond its tolerance the needle leaves the allowance of one ply.
    const thickness =
      prior('plyThickness') * (offLine ? plies - 0.8 : plies) * Math.exp(hideThickness + within);
    m.logActuator += (m.logCommand - m.logActuator) / prior('actuatorLag');
    const logNeedle =
      Math.log(
        afterWrap(
          prior('needleTension') / Math.exp(prior('friction') * prior('wrapAngle')),
          prior('wrapAngle'),
          prior('friction'),
        ),
      ) +
      lotTension +
      m.wander +
      prior('wearTension') * wear +
      m.logActuator +
      prior('tensionNoise') * rng.normal();
    const lock = lockPoint(logNeedle - logBobbinTension(m.bobbinLeft), target);
    const off = lock - 0.5;
    const crossing = crossLeft > 0 ? prior('skipAtCrossSeam') : 1;
    if (!broken && rng.next() < prior('breakHazard') * Math.exp(6 * Math.max(0, off) + wear)) broken = true;
    const skip =
      !broken &&
      rng.next() <
        prior('skipHazard') * crossing * Math.exp(10 * Math.max(0, Math.abs(off) - 0.08) + 1.2 * wear);
    const backTack = (i < tack && missing !== 'start') || (i >= stitches - tack && missing !== 'end');
    const length = backTack ? prior('backTackLength') : prior('stitchLength');
    const drawn = threadOfStitch(length, thickness, lock);
    const consumption = broken ? 0.15 * drawn : skip ? 0.45 * drawn : drawn;
    const tension = Math.exp(logNeedle) * (broken ? 0.08 : skip ? 0.72 : 1);
    const torque =
      prior('torqueBase') +
      prior('torquePerPly') * (thickness / prior('plyThickness')) +
      prior('torqueWear') * wear +
      (backTack ? 5 : 0);
    values[3 * i] = Math.max(0, consumption + prior('consumptionNoise') * rng.normal());
    values[3 * i + 1] = Math.max(0, tension + prior('tensionReadingNoise') * rng.normal());
    values[3 * i + 2] = torque + prior('torqueNoise') * rng.normal();
    truth[i] =
      (skip ? STITCH.skip : 0) |
      (broken ? STITCH.broken : 0) |
      (off < -prior('lockTolerance') ? STITCH.loose : 0) |
      (off > prior('lockTolerance') ? STITCH.tight : 0) |
      (offLine ? STITCH.offLine : 0) |
      ((i < tack && missing === 'start') || (i >= stitches - tack && missing === 'end')
        ? STITCH.backTackMissing
        : 0);
    if (crossLeft > 0) crossLeft--;
    watched(m, off, interventions);
  }
  if (broken) interventions.push({ type: 'rethread', seconds: 40 });
  return { label: labelOf(truth), values, stitchTruth: truth, interventions };
}

/** Lateral dynamics of one stitch: error, heading, curvature behind a lagging handler, steered by what the camera sees ahead. */
function steer(m: Machine, rng: Random): void {
  const step = prior('stitchLength');
  const seen = m.error + prior('lookAhead') * m.heading + 0.08 * rng.normal();
  const command = Math.min(0.03, Math.max(-0.03, 0.0016 * seen + 0.06 * m.heading));
  const keep = Math.exp(-step / prior('templateLength'));
  m.templateCurvature =
    keep * m.templateCurvature + Math.sqrt(1 - keep * keep) * prior('templateError') * rng.normal();
  m.curvature += (step / prior('steeringLag')) * (command - m.curvature);
  m.heading += step * (m.templateCurvature - m.curvature);
  m.error += step * Math.sin(m.heading) + prior('lineNoise') * rng.normal();
}

/** The person at the machine turns the tension knob once the lock point has been visibly off for long enough. */
function watched(m: Machine, off: number, interventions: SeamIntervention[]): void {
  m.offStitches = Math.abs(off) > prior('personNotices') ? m.offStitches + 1 : Math.max(0, m.offStitches - 1);
  if (m.offStitches < prior('personDelay')) return;
  m.logCommand -= (0.6 * off) / prior('lockPerLogRatio');
  m.offStitches = 0;
  interventions.push({ type: 'tension', seconds: 8 });
}

/** The seam's class: the gravest thing that is wrong with it. */
function labelOf(truth: Uint8Array): SeamLabel {
  const count = (bit: number) => truth.reduce((n, t) => n + (t & bit ? 1 : 0), 0);
  if (count(STITCH.broken) > 0) return 'broken';
  if (count(STITCH.skip) > 0) return 'skip';
  if (count(STITCH.backTackMissing) > 0) return 'missing-back-tack';
  if (count(STITCH.offLine) >= MIN_STITCHES.line) return 'off-line';
  const [loose, tight] = [count(STITCH.loose), count(STITCH.tight)];
  if (Math.max(loose, tight) >= MIN_STITCHES.lock) return loose >= tight ? 'loose' : 'tight';
  return 'good';
}
