export { parseCycleLine, type RecordedCycle, writeCycleLines } from './cycle-lines.js';
export { type CsvChannel, cyclesCsv } from './cycles-csv.js';
export { MANIFEST, SEAM_CLASSES, type SeamLabel } from './manifest.js';
export type { SeamIntervention } from './person.js';
export { PRIORS, type Prior, type PriorName } from './priors.js';
export { generateSeams, type SeamCycle, type SeamOptions } from './seam-cycles.js';
export { afterWrap, balancedLogRatio, lockPoint, logBobbinTension, threadOfStitch } from './thread.js';
export { STITCH } from './truth.js';
