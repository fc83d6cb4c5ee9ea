import { describe, expect, it } from 'vitest';
import { killPlant } from './site-kills.js';

describe('a whole site that is killed under load', () => {
  it('loses and doubles no acknowledged unit, and leaves none without a fate', async () => {
    const counts = await killPlant(3, 3, () => undefined);
    expect(counts).toMatchObject({ kills: 3, lost: 0, doubled: 0, otherReceipts: 0, unaccounted: 0 });
    expect(counts).toMatchObject({ unsound: 0, gatesThatDiffer: 0 });
    // What was looked at: units of both sources, decisions of the gate alone, answers of people, gates of restarts.
    expect(counts.found).toBe(counts.acknowledged + counts.files);
    for (const some of ['acknowledged', 'files', 'decided', 'answered', 'gatesCompared'] as const)
      expect(counts[some], some).toBeGreaterThan(0);
  }, 240_000);
});
