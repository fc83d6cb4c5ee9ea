import { createRandom, type Random } from '@selvedge/models';
import { Machine } from './machine.js';
import type { SeamLabel } from './manifest.js';
import { intervention, Person, type SeamIntervention } from './person.js';
import { prior } from './priors.js';
import { laidByHand, steer } from './steering.js';
import { balancedLogRatio, lockPoint, logBobbinTension, threadOfStitch } from './thread.js';
import { labelOf, STITCH } from './truth.js';

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
  /** From this seam on the needle-thread tension differs by this much (ln): a drift to be found. */
  readonly shift?: { readonly fromSeam: number; readonly logTension: number };
}

const START_AT_MS = Date.UTC(2026, 0, 5, 6);
const DAY_S = 86_400;

/** Seams one after the other, as a stream: memory does not grow with `seams`. Same options, same seams. */
export function* generateSeams({ seed, seams, stitches = 100, shift }: SeamOptions): Generator<SeamCycle> {
  if (!Number.isInteger(seams) || seams < 1)
    throw new RangeError(`seams must be a whole number from 1 up, got ${seams}`);
  if (!Number.isInteger(stitches) || stitches < 20)
    throw new RangeError(`stitches must be a whole number from 20 up, got ${stitches}`);
  const rng = createRandom(seed);
  const machine = new Machine(rng);
  const person = new Person();
  let seconds = 0;
  let hide = 0;
  let hideThickness = 0;
  for (let n = 0; n < seams; n++) {
    if (n % prior('seamsPerHide') === 0) {
      hide++;
      hideThickness = prior('hideThicknessShare') * rng.normal();
    }
    machine.prepare(stitches);
    person.nextSeam();
    const degrees = prior('temperatureSwing') * Math.sin((2 * Math.PI * seconds) / DAY_S);
    const moved = shift && n >= shift.fromSeam ? shift.logTension : 0;
    const seam = sew(machine, person, rng, {
      stitches,
      hideThickness,
      logTension: prior('tensionPerDegree') * degrees + moved,
    });
    yield {
      id: `seam-${String(n + 1).padStart(6, '0')}`,
      atMs: START_AT_MS + Math.round(1000 * seconds),
      hideId: `hide-${String(hide).padStart(5, '0')}`,
      threadLotId: `thread-${String(machine.threadLot).padStart(4, '0')}`,
      ...seam,
    };
    seconds +=
      prior('handling') +
      stitches / prior('stitchRate') +
      seam.interventions.reduce((sum, i) => sum + i.seconds, 0);
  }
}

/** One seam, stitch by stitch: course, thickness, tension, lock, hazards, what is measured, what the person does. */
function sew(
  machine: Machine,
  person: Person,
  rng: Random,
  given: { readonly stitches: number; readonly hideThickness: number; readonly logTension: number },
): Pick<SeamCycle, 'label' | 'values' | 'stitchTruth' | 'interventions'> {
  const { stitches } = given;
  const target = balancedLogRatio();
  const values = new Float32Array(stitches * 3);
  const truth = new Uint8Array(stitches);
  const interventions: SeamIntervention[] = [];
  const tack = prior('backTackStitches');
  const missing = rng.next() < prior('missingBackTackRate') ? (rng.next() < 0.5 ? 'start' : 'end') : null;
  const keptThickness = Math.exp(-prior('stitchLength') / prior('withinHideLength'));
  let course = laidByHand(rng);
  let within = prior('withinHideShare') * rng.normal();
  let crossing = 0;
  let broken = false;
  for (let i = 0; i < stitches; i++) {
    if (crossing === 0 && rng.next() < prior('crossSeamRate')) {
      crossing = prior('crossSeamStitches');
      course.error += prior('lineKick') * rng.normal();
    }
    steer(course, rng);
    const offLine = Math.abs(course.error) > prior('lineTolerance');
    within =
      keptThickness * within + Math.sqrt(1 - keptThickness ** 2) * prior('withinHideShare') * rng.normal();
    const plies =
      prior('seamPlies') +
      (crossing > 0 ? prior('crossSeamPlies') : 0) -
      (offLine ? prior('offLinePlies') : 0);
    const thickness = prior('plyThickness') * plies * Math.exp(given.hideThickness + within);

    // The sensor sits before the last guides: it does not see what friction and a worn needle add.
    const logSensed =
      Math.log(prior('needleTension')) +
      given.logTension +
      machine.logWander +
      machine.logTensioner +
      prior('tensionNoise') * rng.normal();
    const logNeedle = logSensed + machine.friction * prior('wrapAngle') + prior('wearTension') * machine.wear;
    const lock = lockPoint(logNeedle - logBobbinTension(machine.bobbinLeft, machine.bobbinSet), target);
    const off = lock - 0.5;

    broken ||= rng.next() < breakHazard(off, machine.wear);
    const backTack = (i < tack && missing !== 'start') || (i >= stitches - tack && missing !== 'end');
    const drawn = threadOfStitch(backTack ? prior('backTackLength') : prior('stitchLength'), thickness, lock);
    const empty = machine.advance(broken ? 0 : drawn);
    const skipped = !broken && (rng.next() < skipHazard(off, machine.wear, crossing > 0) || empty);
    const consumption = broken ? prior('consumptionBroken') : skipped ? prior('consumptionSkipped') : 1;
    const tension = broken ? prior('tensionBroken') : skipped ? prior('tensionSkipped') : 1;
    values[3 * i] = Math.max(0, consumption * drawn + prior('consumptionNoise') * rng.normal());
    values[3 * i + 1] = Math.max(
      0,
      tension * Math.exp(logSensed) + prior('tensionReadingNoise') * rng.normal(),
    );
    values[3 * i + 2] =
      prior('torqueBase') +
      prior('torquePerPly') * (thickness / prior('plyThickness')) +
      prior('torqueWear') * machine.wear +
      (backTack ? prior('torqueBackTack') : 0) +
      prior('torqueNoise') * rng.normal();
    const tackMissing = (i < tack && missing === 'start') || (i >= stitches - tack && missing === 'end');
    truth[i] =
      (skipped ? STITCH.skip : 0) |
      (broken ? STITCH.broken : 0) |
      (off < -prior('lockTolerance') ? STITCH.loose : 0) |
      (off > prior('lockTolerance') ? STITCH.tight : 0) |
      (offLine ? STITCH.offLine : 0) |
      (tackMissing ? STITCH.backTackMissing : 0);
    if (crossing > 0) crossing--;

    const gap = broken ? 'broken' : empty ? 'bobbin' : null;
    for (const act of person.watch({ lockOff: off, lineOff: course.error, gap })) {
      interventions.push(intervention(act));
      if (act === 'rethread') broken = false;
      if (act === 'bobbin') machine.changeBobbin();
      if (act === 'tension') {
        machine.logKnob -= (prior('personTensionGain') * off) / prior('lockPerLogRatio');
      }
      if (act === 'realign') course = laidByHand(rng, prior('personRealigns'));
    }
  }
  // A break in the last stitches is found when the part is taken out.
  if (broken) interventions.push(intervention('rethread'));
  if (machine.bobbinLeft === 0) {
    interventions.push(intervention('bobbin'));
    machine.changeBobbin();
  }
  const label = labelOf(truth);
  if (label !== 'good') interventions.push(intervention('re-sew'));
  return { label, values, stitchTruth: truth, interventions };
}

const breakHazard = (off: number, wear: number): number =>
  prior('breakHazard') * Math.exp(prior('breakPerLock') * Math.max(0, off) + prior('breakPerWear') * wear);

const skipHazard = (off: number, wear: number, crossing: boolean): number =>
  prior('skipHazard') *
  (crossing ? prior('skipAtCrossSeam') : 1) *
  Math.exp(
    prior('skipPerLock') * Math.max(0, Math.abs(off) - prior('skipLockFree')) + prior('skipPerWear') * wear,
  );
