export { Adviser, type AdviserGains } from './control/adviser.js';
export type { Controller } from './control/controller.js';
export { CorrectedController } from './control/corrected.js';
export {
  CorrectionsGate,
  type CorrectionsTransition,
  SETTINGS,
  type Setting,
} from './control/corrections-gate.js';
export { CORRECTIONS_PLAN } from './control/corrections-plan.js';
export { ADVISER_DIMENSIONS, adviserGainsAt, PID_DIMENSIONS, pidGainsAt } from './control/gain-space.js';
export { guideController } from './control/guide.js';
export { LEASES, type Lease, withinLease } from './control/lease.js';
export { MENDED_ADVISER } from './control/mended-adviser.js';
export { PidController, type PidGains } from './control/pid.js';
export { runMachine, type SewnCover } from './control/run-machine.js';
export { TUNED_ADVISER, TUNED_PID } from './control/tuned-gains.generated.js';
export { parseCycleLine, type RecordedCycle, writeCycleLines } from './cycle-lines.js';
export { type CsvChannel, cyclesCsv } from './cycles-csv.js';
export { type CoverTruth, LineMachine, SEAM_STITCHES } from './line/line-machine.js';
export { LINE_CONSTANTS, LINE_PRIORS, lineConstant } from './line/line-priors.js';
export { OUTSIDE, type OutsideName } from './line/outside.js';
export { drawPlant, type Part, type Plant, partOfCover } from './line/plant.js';
export { SEAM_FEATURES, seamFeatures } from './line/seam-features.js';
export { type LineLabel, PUCKER } from './line/seam-truth.js';
export * from './line/signals.js';
export type { Moment } from './line-process/control-port.js';
export { LINE_GROUP, LINE_NAMESPACE } from './line-process/faces.js';
export {
  LEDGER_FILE,
  LedgerReader,
  type LedgerRow,
  type Made,
  readLedger,
  type Told,
} from './line-process/ledger.js';
export { type LineTag, machineTags } from './line-process/line-tags.js';
export {
  type LineOptions,
  type LineState,
  plantSeed,
  type RunningLine,
  runLine,
} from './line-process/run-line.js';
export { pictureSeed, SeamCamera } from './line-process/seam-camera.js';
export { SewingMachine, type SewnSeam, TRACES } from './line-process/sewing-machine.js';
export { MANIFEST, SEAM_CLASSES, type SeamLabel } from './manifest.js';
export type { SeamIntervention } from './person.js';
export { PRIORS, type Prior, type PriorName } from './priors.js';
export { CAMERA_FAULTS, MATERIALS, THREADS } from './renderer/presets.js';
export {
  type Box,
  type Camera,
  type Colour,
  type Light,
  type Material,
  PICTURE_CLASSES,
  PICTURE_FAULT,
  type PictureClass,
  type SeamPicture,
  type SeamScene,
  type Sewn,
  type StitchInPicture,
  type Thread,
} from './renderer/scene.js';
export { createSeamRenderer, type SeamRenderer } from './renderer/seam-renderer.js';
export { sewSeam } from './renderer/sew-seam.js';
export { generateSeams, type SeamCycle, type SeamOptions } from './seam-cycles.js';
export { afterWrap, balancedLogRatio, lockPoint, logBobbinTension, threadOfStitch } from './thread.js';
export { STITCH } from './truth.js';
export { WORDS } from './words.js';
