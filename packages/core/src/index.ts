export * from './anytime/e-process.js';
export * from './anytime/harm.js';
export * from './bounds/binomial.js';
export * from './certificate/certificate.js';
export * from './certificate/start-rule.js';
export * from './drift/jumper.js';
export * from './drift/ranker.js';
export * from './drift/rounded-ranker.js';
