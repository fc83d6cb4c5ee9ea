import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom, type FitUnit, fitModel, type Observation } from '@selvedge/models';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { policyOf, signPolicy } from './policy.js';

type Plant = Awaited<ReturnType<typeof plant>>;

/** Beside other work processes of the lowest priority take as long as that leaves them. */
const PATIENT = 240_000;
const row = (...values: number[]): Observation => ({ kind: 'row', values: Float64Array.from(values) });

/** A bad unit lies higher in the first column; one of another kind in the second, which nobody has seen while fitting. */
const seen = (random: ReturnType<typeof createRandom>, bad: boolean, other = false): Observation =>
  row(random.normal() + (bad && !other ? 7 : 0), 0.1 * random.normal());

async function graphFile(folder: string, name: string): Promise<void> {
  const random = createRandom(5);
  const units = Array.from({ length: 80 }, (_, n): FitUnit => {
    const bad = n % 4 === 0;
    return { id: `f${n}`, label: bad ? 'crack' : 'good', observation: seen(random, bad) };
  });
  const model = await fitModel(units, { recipe: 'supervised', seed: 3 });
  await writeFile(join(folder, name), model.onnx);
  const manifest = { name: 'Maker A', input: 'row', inputShape: [2], outputs: ['score'] };
  await writeFile(join(folder, `${name}.json`), JSON.stringify(manifest));
}

const station = (folder: string) => ({
  observation: '{ kind: row, columns: [force, depth] }',
  model: '{ recipe: novelty, fitUnits: 100000 }',
  more: `    learn: { enabled: false, rolesBy: unit }
    applicants: [{ kind: file, name: Maker A, file: ${join(folder, 'a.onnx')} }]`,
});

async function bring(
  line: Plant,
  count: number,
  { from = 0, share = 0.1, other = false } = {},
): Promise<void> {
  const random = createRandom(from + 7);
  for (let at = 0; at < count; at += 100) {
    await Promise.all(
      Array.from({ length: Math.min(100, count - at) }, (_, n) => {
        const bad = random.next() < share;
        return line.arrive(`${bad ? 'bad' : 'good'}-${from + at + n}`, seen(random, bad, other));
      }),
    );
    await line.judgeAll();
  }
}

const applicantsOf = (line: Plant) => line.parts.learning.stations.get('press-1')!.applicants;
const stateOf = (line: Plant): string | undefined => applicantsOf(line).all()[0]?.state;
const hired = async (line: Plant) => {
  const { applicants } = line.parts.learning.stations.get('press-1')!;
  const [one] = applicants.all();
  await applicants.hire({ applicant: one!.id, by: 'signature', user: 'user:q', reason: 'certified' });
  return one!.id;
};

describe('a model of another maker', () => {
  it(
    'applies by its file, is tested over labels of the past, gets the post by signature, and keeps it over a restart',
    async () => {
      const folder = await plantFolder();
      await graphFile(folder, 'a.onnx');
      const line = await plant(folder, station(folder));
      await until(() => stateOf(line) === 'shadow', 60_000);
      await expect(hired(line)).rejects.toMatchObject({ code: 'no-budget' });
      await line.sign(50_000, 0.05);
      await expect(hired(line)).rejects.toMatchObject({ code: 'not-certified' });
      await bring(line, 400);
      await until(() => stateOf(line) === 'recommended', 120_000);
      const [assessed] = line.rows('assessed') as { n: number; propensity: number; attempt: number }[];
      // Half of the units are evidence, all of them judged.
      expect(assessed).toMatchObject({ propensity: 1 });
      expect(assessed!.n).toBeGreaterThan(60);
      expect(assessed!.n).toBeLessThan(260);
      const id = await hired(line);
      expect(line.station.gate).toMatchObject({ name: 'open', epoch: 2, probationLeft: 200 });
      const kinds = line.parts.journal.read({ limit: 5000 }).map(({ kind }) => kind);
      const at = kinds.indexOf('hired');
      // One commit: who, what, secrets, epoch, certificate.
      expect(kinds.slice(at, at + 7)).toEqual([
        ...['hired', 'model-installed', 'secret-revealed', 'secret-committed'],
        ...['gate', 'transition', 'certified'],
      ]);
      await bring(line, 60, { from: 2000, share: 0 });
      expect(
        line
          .rows('decided')
          .slice(-60)
          .some(({ by }) => by === 'gate'),
      ).toBe(true);
      await expect(hired(line)).rejects.toMatchObject({ code: 'in-post' });
      const gate = JSON.stringify(line.station.gate);
      expect(line.folds().after).toEqual(line.folds().before);
      await line.site.close();

      const again = await plant(folder, station(folder));
      expect(again.station.model?.hash).toBe(id);
      expect(JSON.stringify(again.station.gate)).toBe(gate);
      await bring(again, 20, { from: 3000, share: 0 });
      expect(again.rows('decided').at(-1)).toMatchObject({ model: id, epoch: 2 });
    },
    PATIENT,
  );

  it(
    'is barred when its gate was closed by harm, until a person lets it apply again',
    async () => {
      const folder = await plantFolder();
      await graphFile(folder, 'a.onnx');
      const line = await plant(folder, station(folder));
      await line.sign(50_000, 0.05);
      await bring(line, 400);
      await until(() => stateOf(line) === 'recommended', 120_000);
      const id = await hired(line);
      // Right in shadow, wrong when open: every third unit is bad in a way that it does not see.
      for (let n = 0; n < 20 && line.station.gate?.name !== 'closed'; n++)
        await bring(line, 200, { from: 10_000 + 1000 * n, share: 0.3, other: true });
      expect(line.station.gate).toMatchObject({ name: 'closed', reason: expect.stringMatching(/^harm/) });
      await until(() => stateOf(line) === 'barred');
      expect(line.rows('dismissed')).toMatchObject([
        { applicant: id, why: 'harm', barred: true, user: null },
      ]);
      await expect(hired(line)).rejects.toMatchObject({ code: 'barred' });
      const { applicants } = line.parts.learning.stations.get('press-1')!;
      const word = { why: 'readmitted' as const, barred: false, user: 'user:q', note: 'the lamp was broken' };
      await applicants.dismiss(id, word);
      expect(stateOf(line)).toBe('shadow');
      // Its old test speaks of a time before the harm.
      await expect(hired(line)).rejects.toMatchObject({ code: 'stale' });
      // The same closing bars it no second time.
      await applicants.lookAtPost();
      expect(stateOf(line)).toBe('shadow');
      // It earns a new test on what came after, and the post by a person who begins the gate anew.
      await bring(line, 400, { from: 90_000 });
      await until(() => stateOf(line) === 'recommended', 120_000);
      expect(line.rows('assessed')).toHaveLength(2);
      expect(await hired(line)).toBe(id);
      expect(line.station.gate?.name).toBe('open');
    },
    PATIENT,
  );

  it(
    'gets the post by a signed policy inside the signed budget, and by none that was signed for another',
    async () => {
      const folder = await plantFolder();
      await graphFile(folder, 'a.onnx');
      const line = await plant(folder, station(folder));
      const { journal, clock } = line.parts;
      const policy = {
        ...{ station: 'press-1', active: true, leastShadowUnits: 10, leastGain: 0, untilAtMs: null },
        ...{ user: 'user:q', reason: 'nights without an engineer' },
      };
      await line.sign(50_000, 0.04);
      await signPolicy({ journal, clock }, policy);
      expect(policyOf({ journal }, 'press-1', clock.nowMs())).toMatchObject({ user: 'user:q' });
      await line.sign(50_000, 0.05);
      expect(policyOf({ journal }, 'press-1', clock.nowMs())).toBeNull();
      await bring(line, 400);
      await until(() => stateOf(line) === 'recommended', 120_000);
      await signPolicy({ journal, clock }, policy);
      await until(() => stateOf(line) === 'in-post', 60_000);
      expect(line.rows('hired')).toMatchObject([{ by: 'policy', user: 'user:q' }]);
      expect(line.station.gate?.name).toBe('open');
      await signPolicy({ journal, clock }, { ...policy, active: false });
      expect(policyOf({ journal }, 'press-1', clock.nowMs())).toBeNull();
    },
    PATIENT,
  );

  it(
    'is refused with the reason where its golden samples come out otherwise, and its station goes on',
    async () => {
      const folder = await plantFolder();
      await graphFile(folder, 'a.onnx');
      const golden = { tolerance: 1e-6, samples: [{ row: [0, 0], score: 99 }] };
      const manifest = { name: 'A', input: 'row', inputShape: [2], outputs: ['score'], golden };
      await writeFile(join(folder, 'a.onnx.json'), JSON.stringify(manifest));
      const line = await plant(folder, station(folder));
      await until(() => stateOf(line) === 'refused', 60_000);
      expect(applicantsOf(line).all()[0]!.why).toMatch(/golden sample 1 scores/);
      await bring(line, 20);
      expect(line.rows('decided')).toHaveLength(20);
    },
    PATIENT,
  );
});
