import { createHash } from 'node:crypto';
import type { StationConfig } from './station-config.js';

/**
 * What a unit is called on its question where questions are blind: made from the question, so that the same unit shown
 * twice has two names and no name says why it is shown.
 */
export function aliasOf(question: string): string {
  const digits = createHash('sha256').update(`question ${question}`).digest('hex').slice(0, 12).toUpperCase();
  return `${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8)}`;
}

/** True where units are shown once more: every question of the station then goes by its alias. */
export const blindNames = ({
  doubleReadShare,
  seedShare,
}: Pick<StationConfig, 'doubleReadShare' | 'seedShare'>): boolean => doubleReadShare > 0 || seedShare > 0;
