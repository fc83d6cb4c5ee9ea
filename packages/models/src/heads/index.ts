export type { TreeOptions } from './booster.js';
export {
  type FittedHead,
  fitBinaryHead,
  fitClassHead,
  type HeadOptions,
  treeOptionsFor,
} from './fit-head.js';
export { stratifiedFolds } from './folds.js';
export { type FeatureMatrix, type Head, takeRows } from './head.js';
export { areaUnderCurve, aucDifference, aucStandardError, largestOf, macroF1 } from './measures.js';
export {
  type FeatureBlock,
  fitOneClass,
  type OneClass,
  type OneClassResult,
} from './one-class.js';
export { quantile } from './quantile.js';
export { createRandom, type Random } from './random.js';
