import { createRandom, type Observation } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';

type Plant = Awaited<ReturnType<typeof plant>>;

const LENGTH = 24;
const STATION = {
  observation: '{ kind: series, channels: [{ name: force, unit: kN }] }',
  model: '{ recipe: novelty, fitUnits: 40 }',
  more: '    learn: { fitUnits: 120, rolesBy: unit, growth: 0.5 }',
};

/** A trace; a bad one has a dent whose depth nobody has seen before is the model's to learn. */
function trace(random: ReturnType<typeof createRandom>, bad: boolean): Observation {
  const values = Float32Array.from(
    { length: LENGTH },
    (_, t) => 10 + 3 * Math.sin(t / 4) + 0.4 * random.normal() - (bad && t > 8 && t < 15 ? 3 : 0),
  );
  return { kind: 'series', channels: 1, values };
}

async function bring(line: Plant, count: number, { from = 0, share = 0.2 } = {}): Promise<void> {
  const random = createRandom(from + 11);
  const units = Array.from({ length: count }, (_, n) => {
    const bad = random.next() < share;
    return { id: `${bad ? 'bad' : 'good'}-${from + n}`, seen: trace(random, bad) };
  });
  for (let at = 0; at < units.length; at += 100) {
    await Promise.all(units.slice(at, at + 100).map(({ id, seen }) => line.arrive(id, seen)));
    await line.judgeAll();
  }
}

describe('learning at a station', () => {
  it('turns answers into a candidate that is tested on what it was not trained on, and hires it by signature', async () => {
    const folder = await plantFolder();
    const line = await plant(folder, STATION);
    await bring(line, 40);
    await until(() => line.station.model !== null, 60_000);
    await line.sign(5_000, 0.05);
    await bring(line, 700, { from: 1000 });
    await until(() => line.rows('assessed').length > 0, 90_000);
    const [applied] = line.rows('applied') as { applicant: string; fit: { units: number } }[];
    const [assessed] = line.rows('assessed') as { applicant: string; n: number; missing: object | null }[];
    expect(assessed!.applicant).toBe(applied!.applicant);
    // No unit of the evidence was trained on.
    const scored = line.rows('shadow-scored').flatMap(({ units }) => units as { unit: string }[]);
    expect(scored.length).toBeGreaterThanOrEqual(assessed!.n);
    expect(assessed!.n + applied!.fit.units).toBeLessThanOrEqual(740);
    await until(() => line.rows('recommended').length > 0, 90_000);
    const { applicants } = line.parts.learning.stations.get('press-1')!;
    const best = applicants.all().find(({ state }) => state === 'recommended')!;
    await applicants.hire({ applicant: best.id, by: 'signature', user: 'user:quality', reason: 'better' });
    expect(line.station.gate).toMatchObject({ name: 'open', epoch: 2 });
    expect(line.station.model!.hash).toBe(best.id);
    expect(applicants.all().find(({ id }) => id === best.id)!.state).toBe('in-post');
    // The former one goes on in shadow.
    await until(() => applicants.all().some(({ state, body }) => state === 'shadow' && body.fit === null));
    await bring(line, 100, { from: 5000, share: 0 });
    await applicants.idle();
    expect(
      line
        .rows('decided')
        .slice(-100)
        .filter(({ by }) => by === 'gate').length,
    ).toBeGreaterThan(50);
    expect(line.folds().after).toEqual(line.folds().before);
    // The learner has the lowest priority: beside other work it takes as long as that leaves it.
  }, 240_000);
});
