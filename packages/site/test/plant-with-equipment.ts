import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EquipmentView } from '@selvedge/core/records';
import { expect, onTestFinished } from 'vitest';
import { faultText } from '../src/config/fault.js';
import { parseConfig } from '../src/config/parse-config.js';
import { type SiteClock, systemClock } from '../src/live/clock.js';
import { openSite } from '../src/open-site.js';
import type { Stage } from '../src/server/stage-routes.js';
import { BENCH, BenchEquipment } from './bench-equipment.js';
import { owner } from './running-site.js';

const yaml = (folder: string, port: number, origin: string): string => `
site: { id: plant, name: Plant, origin: ${origin}, timezone: Etc/UTC, languages: [en, zh, id] }
folder: ${folder}
listen: { port: 0 }
lines: [{ id: north, name: North }]
publish: [{ connector: plc, enterprise: Acme, kinds: [decided, released, transition] }]
connectors:
  - id: plc
    kind: equipment
    speaks: ${BENCH}
    settings: { port: ${port} }
    tags:
      - { tag: cell/cycle, address: cycle, type: int32 }
      - { tag: cell/unit, address: unit, type: string }
      - { tag: cell/score, address: score, type: double }
      - { tag: cell/verdict, address: verdict, type: string, access: rw }
      - { tag: cell/force, address: force, type: double, access: rw, unit: N }
      - { tag: cell/force-used, address: force-used, type: double }
      - { tag: cell/force-wanted, address: force-wanted, type: double }
      - { tag: cell/loss, address: loss, type: double }
      - { tag: cell/out, address: out, type: int32 }
      - { tag: cell/agreed, address: agreed, type: int32 }
      - { tag: cell/trace, address: trace, type: float, array: true, unit: N }
      - { tag: cell/total, address: total, type: uint32, unit: kW.h }
      - { tag: cell/running, address: running, type: bool, staleMs: 4000 }
    writes:
      - { target: cell/verdict, does: dismiss, gates: [press], pattern: 'u\\d+ (pass|reject|hold)', readBackMs: 500 }
      - target: cell/force
        does: adjust
        gates: [press]
        range: [0, 200]
        maxStep: 20
        interlocks: [{ tag: cell/running, is: true }]
        readBackMs: 500
stations:
  - id: press
    name: Press
    line: north
    observation: { kind: score }
    model: { recipe: score }
    doubleReadShare: 0
    choices: [{ label: good, bad: false }, { label: crack, bad: true }]
    input: { connector: plc, trigger: cell/cycle, unit: cell/unit, row: [cell/score] }
    live: [{ tag: cell/trace, name: Force }]
    output: { target: cell/verdict }
    energy: { connector: plc, tag: cell/total, share: 0.5, limit: 1000, mostWatt: 1e9 }
    adjust:
      - target: cell/force
        proposal: cell/force-wanted
        inForce: cell/force-used
        loss: cell/loss
        out: cell/out
        agreed: cell/agreed
        release: adviser-1
        alpha: 0.2
        confidence: 0.8
        coinEvery: 4
    takt: { deadlineMs: 1000, otherwise: hold }
    ask: { deadlineMs: 60000, undoMs: 0 }
retention: { softFloor: 110 MB, hardFloor: 100 MB }
`;

/** A site whose one station stands at equipment on a bench; it serves the console where a built one is named. */
export async function plantWithEquipment({
  consoleFolder = null,
  stage,
  edit = (text) => text,
  clock = systemClock,
}: {
  readonly consoleFolder?: string | null;
  /** Makes the plant a simulated one. */
  readonly stage?: Stage;
  /** Changes the configuration before it is read. */
  readonly edit?: (text: string) => string;
  readonly clock?: SiteClock;
} = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'selvedge-equipped-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const bench = new BenchEquipment({
    ...{ cycle: 0, unit: '', score: 0, verdict: '', force: 100, 'force-used': 100, 'force-wanted': 110 },
    ...{ total: 990, loss: 1, out: 0, agreed: 1, running: true },
  });
  await bench.start();
  onTestFinished(() => bench.stop());
  const open = async () => {
    const { config, faults } = parseConfig(
      edit(yaml(join(folder, 'data'), bench.port, stage === undefined ? 'live' : 'simulated')),
      join(folder, 'site.yaml'),
    );
    if (faults !== null) throw new Error(faults.map((fault) => faultText('', fault)).join('\n'));
    const site = await openSite({
      ...{ config, simulators: new Map(), consoleFolder, version: 'test', clock },
      ...(stage === undefined ? {} : { stage }),
    });
    onTestFinished(() => site.close());
    return site;
  };
  const site = await open();
  const ada = await owner(site);
  const view = async (): Promise<EquipmentView['connectors'][number]> => {
    const { connectors } = (await (await ada.get('/api/equipment')).json()) as EquipmentView;
    return connectors[0]!;
  };
  const plc = site.parts.equipment.all.get('plc')!;
  await until(async () => (await view()).state === 'up');
  const station = site.parts.live.station('press');
  let cycle = 0;
  /** One unit of the equipment, on disk and decided. */
  const make = async (
    values: Record<string, number | string | boolean | readonly number[]> = {},
  ): Promise<string> => {
    cycle += 1;
    const unit = `u${cycle}`;
    bench.set({ unit, score: 0, 'force-used': Number(bench.values.force), ...values });
    bench.set({ cycle });
    await until(
      async () => site.parts.journal.db.prepare('SELECT id FROM unit WHERE id = ?').get(unit) !== undefined,
    );
    await station.idle();
    return unit;
  };
  const answer = async (unit: string, label = 'good'): Promise<void> => {
    const { questions } = station.answers;
    const asked = questions.list().find((one) => one.unit === unit);
    if (asked === undefined) throw new Error(`nobody is asked about ${unit}`);
    await station.answers.answer(asked.id, { user: 'user:ada', label, by: 'touch', tookMs: 5 });
    await station.answers.sweep();
  };
  const mode = (to: string) => ada.post('/api/equipment/plc/mode', { mode: to, reason: 'trial run' });
  return { folder, bench, site, open, ada, view, plc, station, make, answer, mode };
}

export async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (await what()) return;
    await wait(20);
  }
  expect.fail('it did not come about in 10 s');
}
