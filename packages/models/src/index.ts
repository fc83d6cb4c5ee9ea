export * from './observe/observation.js';
export * from './recipes/recipe.js';
export * from './heads/index.js';
