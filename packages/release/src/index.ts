export * from './parity/parity.js';
