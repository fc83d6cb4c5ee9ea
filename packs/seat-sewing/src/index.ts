export { cyclesCsv } from './cycles-csv.js';
export { MANIFEST, SEAM_CLASSES, type SeamLabel } from './manifest.js';
export { PRIORS, type Prior, type PriorName } from './priors.js';
export {
  generateSeams,
  type SeamCycle,
  type SeamIntervention,
  type SeamOptions,
  STITCH,
} from './seam-cycles.js';
export { afterWrap, lockPoint, logBobbinTension, threadOfStitch } from './tension.js';
