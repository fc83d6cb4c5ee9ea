import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { applicantsRun } from '../studies-kit/applicants-run.js';
import { readScorePools } from '../studies-kit/score-pools.js';

const folder =
  process.env.SELVEDGE_VECTORS ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const here = existsSync(`${folder}/pool-tiles.csv`);

describe.skipIf(!here)(`study of applicants${here ? '' : ' (score pools are not here)'}`, () => {
  it('is repeatable, closes the adversary by the audits and hires the right one', async () => {
    const [tiles] = await readScorePools();
    const one = applicantsRun(tiles!, 90_001, 20_000);
    expect(applicantsRun(tiles!, 90_001, 20_000)).toEqual(one);
    const adversary = one.closed.find(({ who }) => who === 'adversary');
    expect(adversary?.why).toMatch(/^harm:/);
    expect(one.adversaryEscapes).toBeGreaterThan(0);
    expect(one.inPostAtTheEnd).toBe('right');
    // Its evidence was begun anew: nobody is hired right after the closing.
    const next = one.hired.find(({ at }) => at > (adversary?.at ?? Number.POSITIVE_INFINITY));
    expect(next!.at - adversary!.at).toBeGreaterThan(1400);
  }, 60_000);
});
