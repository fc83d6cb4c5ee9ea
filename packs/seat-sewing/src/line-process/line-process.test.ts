import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { Value } from '@selvedge/connect';
import { describe, expect, it, onTestFinished } from 'vitest';
import { drawPlant } from '../line/plant.js';
import { CoverDesk, type Shown } from './cover-desk.js';
import { NO_LEAVE } from './leave.js';
import { Ledger, readLedger } from './ledger.js';
import { pngOf } from './png.js';
import { SeamCamera } from './seam-camera.js';
import { SewingMachine, type SewnSeam } from './sewing-machine.js';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'selvedge-desk-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

function sew(machine: SewingMachine, leave = NO_LEAVE): SewnSeam {
  machine.start(leave);
  while (!machine.sew().done);
  return machine.finish();
}

describe('a machine of the line', () => {
  it('sews the same covers for the same plant, leaves and moments, and others for another moment', () => {
    const run = (moment: (machine: SewingMachine, cover: number) => void): string => {
      const machine = new SewingMachine(drawPlant(11), 0);
      const seams = Array.from({ length: 24 }, (_, cover) => {
        moment(machine, cover);
        return sew(machine, cover > 12 ? { steering: 0.5, trim: 6 } : NO_LEAVE);
      });
      return JSON.stringify(seams);
    };
    const lot = (machine: SewingMachine, cover: number): void => {
      if (cover === 5) machine.newThread(1.4);
    };
    expect(run(lot)).toBe(run(lot));
    expect(run(lot)).not.toBe(run(() => undefined));
  });

  it('uses no leave at a safety seam, nor before the adviser knows the machine', () => {
    const machine = new SewingMachine(drawPlant(12), 0);
    const seams = Array.from({ length: 70 }, () => sew(machine, { steering: 1, trim: 20 }));
    const used = seams.filter(({ leave }) => leave.steering > 0);
    expect(seams.filter(({ safety }) => safety).length).toBeGreaterThan(0);
    expect(used.length).toBeGreaterThan(0);
    expect(used.some(({ safety }) => safety)).toBe(false);
    expect(seams[0]?.leave).toEqual(NO_LEAVE);
  });

  it('skips stitches where it is asked to', () => {
    let skipped = 0;
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const machine = new SewingMachine(drawPlant(seed), 0);
      machine.skipNext();
      if (sew(machine).truth.label === 'skip') skipped += 1;
    }
    expect(skipped).toBeGreaterThan(1);
  });

  it('shows a picture of the same seam with the same bytes, as a PNG that unpacks', () => {
    const seam = sew(new SewingMachine(drawPlant(13), 1));
    const [one, two] = [new SeamCamera().picture(seam, 9), new SeamCamera().picture(seam, 9)];
    expect(Buffer.compare(one, two)).toBe(0);
    const pixels = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const png = Buffer.from(pngOf({ pixels, width: 3, height: 2, channels: 1 }));
    const at = png.indexOf('IDAT');
    expect([...inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)))]).toEqual([
      0, 1, 2, 3, 0, 4, 5, 6,
    ]);
  });
});

describe('the desk of finished covers', () => {
  const cover = (unit: string): Shown => ({
    ...{ unit, place: 'seam', values: { 'seam/unit': unit, 'seam/picture': Uint8Array.of(1) } },
    again: { 'steering/in-force': -1000 },
  });
  const open = (path: string, patienceMs = 30) => {
    const ledger = Ledger.open(path, () => 1);
    const told: Record<string, Value> = {};
    const desk = new CoverDesk({
      ...{ machine: 'm1', ledger, folder: join(path, 'rack'), patienceMs, againMs: 0 },
      ...{ face: { set: (values) => void Object.assign(told, values) }, steadyMs: () => performance.now() },
    });
    const make = (unit: string): void => {
      desk.keep(cover(unit));
      ledger.write('m1', {
        ...{ kind: 'made', unit, cycle: desk.nextCycle('seam'), safety: false, label: 'good', acts: [] },
        ...{ steering: 0, trim: 0, hide: 0, threadLot: 0, traces: '', part: '', learnt: 0, spool: 0 },
        ...{ lockError: 0, curveError: 0 },
      });
    };
    return { ledger, desk, told, make };
  };
  const { signal } = new AbortController();

  it('holds a cover without a verdict, shows it again, and takes a late one once', async () => {
    const path = folder();
    const { desk, make, told } = open(path);
    make('u1');
    expect(await desk.show(cover('u1'), signal)).toBe(false);
    expect([desk.waiting, told['seam/cycle']]).toEqual([1, 1]);
    expect(await desk.showAgain(signal)).toBe(false);
    expect([told['seam/cycle'], told['steering/in-force']]).toEqual([2, -1000]);
    expect(desk.verdict('seam', 'u1 hold')).toBe(true);
    expect(desk.verdict('seam', 'u1 reject')).toBe(true);
    expect(desk.verdict('seam', 'u1 pass')).toBe('it was told reject before');
    expect(desk.verdict('seam', 'u2 pass')).toBe('no such cover');
    expect(desk.verdict('seam', 'anything')).toBe('no verdict');
    expect(desk.takeRework()).toHaveLength(1);
    expect(readLedger(path).map(({ kind }) => kind)).toEqual([
      ...['made', 'held', 'shown-again', 'told', 'told', 're-sewn', 'refused', 'refused', 'refused'],
    ]);
  });

  it('shows every cover of the rack in turn, also where the first of them never get a verdict', async () => {
    const { desk, make, told } = open(folder(), 1);
    for (const unit of ['u1', 'u2', 'u3']) {
      make(unit);
      await desk.show(cover(unit), signal);
    }
    const shown: Value[] = [];
    for (let n = 0; n < 6; n++) {
      await desk.showAgain(signal);
      shown.push(told['seam/unit'] ?? null);
    }
    expect(shown).toEqual(['u1', 'u2', 'u3', 'u1', 'u2', 'u3']);
  });

  it('finds its rack again after a kill, with the counter where it was', async () => {
    const path = folder();
    const first = open(path);
    for (const unit of ['u1', 'u2']) {
      first.make(unit);
      await first.desk.show(cover(unit), signal);
    }
    first.desk.verdict('seam', 'u1 pass');
    const second = open(path);
    expect([second.desk.waiting, second.told['seam/cycle']]).toEqual([1, 2]);
    expect(second.desk.verdict('seam', 'u1 pass')).toBe('it was told pass before');
    await second.desk.showAgain(signal);
    expect(second.told).toMatchObject({
      'seam/unit': 'u2',
      'seam/cycle': 3,
      'seam/picture': Uint8Array.of(1),
    });
  });
});
