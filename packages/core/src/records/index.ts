export * from './evidence.js';
export * from './replay-document.js';
export * from './site/access.js';
export * from './site/api.js';
export * from './site/facts.js';
export * from './site/roles.js';
