export * from './observe/observation.js';
export * from './recipes/recipe.js';
