import { readCurve } from './read-curve.js';
import { readShift } from './read-shift.js';

/** What takes too long for the thread that also takes units in. Each reads the record and nothing else. */
export const READINGS = { curve: readCurve, shift: readShift } as const;

export type Reading = keyof typeof READINGS;
export type WishOf<K extends Reading> = Parameters<(typeof READINGS)[K]>[1];
export type ToldOf<K extends Reading> = Awaited<ReturnType<(typeof READINGS)[K]>>;

export interface ReadingRequest {
  readonly id: number;
  readonly what: Reading;
  readonly wish: WishOf<Reading>;
}
