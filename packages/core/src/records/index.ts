export * from './evidence.js';
export * from './replay-document.js';
