import { eUpper } from '../anytime/e-process.js';
import { meaningOf, SEEDS_FOR_TRUTH } from '../reader/label-noise.js';
import { settle } from './answers.js';
import type { SeedEvent } from './event.js';
import { boundedAnew } from './side.js';
import type { GateState } from './state.js';
import type { Step } from './step.js';

/**
 * Rule G-18: a reader has judged a known-bad unit. Only a blind first answer is a reading; each is one trial of how
 * often readers miss. A seed is no unit: nothing else moves but the bounds, which from 60 readings on speak of truth.
 */
export function onSeed(state: GateState, { blind, missed }: SeedEvent): Step {
  if (!blind) return { state, effects: [] };
  const read = state.seeds.read + 1;
  const misses = state.seeds.missed + (missed ? 1 : 0);
  const missUpper = read < SEEDS_FOR_TRUTH ? 0 : eUpper(misses, read, state.ledger.accept.live / 2);
  const next: GateState = { ...state, seeds: { read, missed: misses, missUpper } };
  if (meaningOf(read) !== 'truth') return { state: next, effects: [] };
  return settle({ ...next, accept: boundedAnew(next, 'accept') });
}
