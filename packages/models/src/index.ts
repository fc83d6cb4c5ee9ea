export { type PlainTensor, type Prepare, type PreparedBatch, prepareFor } from './engine/prepare.js';
export { openScorer, type ScorerOptions } from './engine/scorer.js';
export * from './heads/index.js';
export { fitMap } from './map/fit-map.js';
export { mapFault, prepare as prepareMap } from './map/prepare.js';
export * from './observe/observation.js';
export { FitError } from './recipes/fit-error.js';
export { fitModel } from './recipes/fit-model.js';
export * from './recipes/recipe.js';
