import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SealedReport } from '@selvedge/core/records';
import { makeSiteKey, sealReport } from '@selvedge/site';
import { describe, expect, it, onTestFinished } from 'vitest';
import { reportedPlant } from '../../site/test/reported-plant.js';
import { openDatabase } from '../../store/src/sqlite/database.js';
import { runDoctor } from './doctor-run.js';
import { runReport } from './report-run.js';
import { reportAt, runVerifyReport } from './verify-report-run.js';

const progress = () => {};

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-report-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('a report in the hands of a stranger', () => {
  it('is verified with its fingerprint and its journal; a flipped digit, a lie and a forgery are named', async () => {
    const ran = await reportedPlant();
    const out = await scratch();
    const { sealed, text } = await runReport({
      ...{ source: ran.folder, language: 'en', out, progress, last: '8h' },
    });
    const key = sealed.seal.signature?.fingerprint ?? '';
    expect(text).toContain(`Signed by the key ${key}`);
    const made = ran.rows('key-made');
    expect(made).toMatchObject([{ fingerprint: key }]);
    const file = reportAt(out) ?? '';
    const verify = (more: { key?: string; journal?: string } = {}) =>
      runVerifyReport(file, { key: more.key ?? null, journal: more.journal ?? null, progress });

    const good = await verify({ key, journal: ran.folder });
    expect(good.document).toMatchObject({ ok: true, faults: [], differences: [], signedBy: key });
    expect(good.text).toContain('every figure is the same');

    // The site goes on: the report still comes out the same from the rows that it knew.
    await ran.judgeAll();
    await ran.arrive('later', { kind: 'row', values: Float64Array.of(0.1) });
    expect((await verify({ key, journal: ran.folder })).document.ok).toBe(true);

    const before = await readFile(file, 'utf8');
    const flipped = before.replace('"arrived": 703', '"arrived": 713');
    expect(flipped).not.toBe(before);
    await writeFile(file, flipped);
    const bad = await verify();
    expect(bad.document.ok).toBe(false);
    expect(bad.text).toContain('stations[0].units.arrived was changed: it is now 713.');

    // Sealed anew by another key: sound in itself, and not of this site; the journal names the figure.
    const { report } = JSON.parse(flipped) as SealedReport;
    const other = await makeSiteKey(await scratch());
    const { madeAtMs, version, language } = sealed.seal;
    const names = ['report.html', 'decisions.csv', 'interventions.csv'];
    const files = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(out, name))] as const)),
    );
    const forge = async (lie: SealedReport['report']) =>
      writeFile(
        file,
        JSON.stringify({
          report: lie,
          seal: sealReport(lie, { key: other, files, madeAtMs, version, language }),
        }),
      );
    await forge(report);
    expect((await verify({ key })).document.faults.map(({ what }) => what)).toEqual([
      'key-not-of-journal',
      'other-key',
    ]);
    const { publicKey, fingerprint } = other;
    await forge({ ...report, key: { publicKey, fingerprint } });
    expect((await verify()).document.ok).toBe(true);
    const told = await verify({ journal: ran.folder });
    expect(told.document.differences?.map(({ place }) => place).sort()).toEqual([
      'key.fingerprint',
      'key.publicKey',
      'stations[0].units.arrived',
    ]);

    await writeFile(file, before);
    const csv = join(out, 'decisions.csv');
    await writeFile(csv, (await readFile(csv, 'utf8')).replace('pass', 'hold'));
    expect((await verify()).text).toContain('decisions.csv was changed');
    await rm(csv);
    expect((await verify()).text).toContain('decisions.csv is missing');
  }, 60_000);
});

describe('doctor', () => {
  it('finds a sound site sound, and names an open secret, a lost model and a broken chain', async () => {
    const ran = await reportedPlant();
    await ran.site.close();
    const look = async (deep = false) => (await runDoctor(ran.folder, { deep, progress })).document;
    const faults = async (deep = false) =>
      (await look(deep)).findings.filter(({ state }) => state === 'fault').map(({ check }) => check);
    const sound = await look(true);
    expect(sound.findings.filter(({ state }) => state === 'fault')).toEqual([]);
    expect(sound.ok).toBe(true);
    const checks = sound.findings.map(({ check }) => check);
    for (const check of ['node', 'native-module', 'sqlite', 'disk-latency', 'disk-free', 'clock', 'journal'])
      expect(checks).toContain(check);
    expect(sound.findings.find(({ check }) => check === 'sqlite')?.what).toContain('synchronous 2');
    await chmod(join(ran.folder, 'secrets'), 0o755);
    expect(await faults()).toEqual(['permissions']);
    await chmod(join(ran.folder, 'secrets'), 0o700);
    const db = openDatabase(ran.file);
    db.exec("UPDATE journal SET body = replace(body, 'pass', 'hold') WHERE seq = 3000");
    db.close();
    expect(await faults()).toEqual(['journal']);
    await expect(
      runReport({ source: ran.folder, language: 'en', out: await scratch(), progress }),
    ).rejects.toMatchObject({ code: 'journal-not-sound' });
  }, 60_000);

  it('says every fault of a configuration with the rest', async () => {
    const folder = await scratch();
    const file = join(folder, 'site.yaml');
    await writeFile(file, 'site: { id: X }\n');
    const { document, text } = await runDoctor(file, { deep: false, progress });
    expect(document.ok).toBe(false);
    expect(document.findings.filter(({ check }) => check === 'config').length).toBeGreaterThan(2);
    expect(text).toContain('What to do:');
  }, 60_000);
});
