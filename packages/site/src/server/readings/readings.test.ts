import { createRandom } from '@selvedge/models';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CONFIG, liveLine } from '../../../test/live-line.js';
import { drawnAnew } from '../../../test/old-proof.js';
import { signBudget } from '../../live/signing.js';
import { shiftReport } from '../views/shift-report.js';
import { Curves } from './curves.js';
import { readCurve } from './read-curve.js';
import { readShift } from './read-shift.js';
import { ReadingDesk } from './reading-desk.js';

type Line = Awaited<ReturnType<typeof liveLine>>;

const station = CONFIG.id;
const PERIOD = { station, fromMs: 0, toMs: 4e12 };

async function shadow(): Promise<Line> {
  const line = await liveLine();
  const budget = { escapeRate: 0.05, overkillRate: 0, confidence: 0.95, contract: 'per-unit' as const };
  const wish = { budget, plannedUnits: 1e6, user: 'user:quality', reason: 'trial' };
  await signBudget(line.station, wish, { ...line, secrets: line.secrets });
  return line;
}

const random = createRandom(5);
let units = 0;
/** Units of the past, every bad one in a lot with another. */
const past = (line: Line, count: number) =>
  line.station.takePast(
    Array.from({ length: count }, () => {
      const n = units++;
      const bad = n % 20 < 2;
      return {
        id: `unit-${n}`,
        observation: { kind: 'row' as const, values: Float64Array.of(random.normal() + (bad ? 3 : 0)) },
        ...{ context: {}, lot: `lot-${n >> 1}`, sourceAtMs: null, label: bad ? 'crack' : 'good', bad },
      };
    }),
    'user:past',
  );

const wishOf = (line: Line) => {
  const delta = line.station.gate?.ledger.accept.certificate ?? 0;
  return { station, epoch: 1, contract: 'per-unit' as const, escapeRate: 0.05, delta };
};
const deskOf = (line: Line): ReadingDesk => {
  const desk = new ReadingDesk(line.journal.file);
  onTestFinished(() => desk.close());
  return desk;
};

describe('long readings', () => {
  it('are the same in their own thread as in the server’s, of what is committed at that moment', async () => {
    const line = await shadow();
    const desk = deskOf(line);
    await past(line, 600);
    const wish = wishOf(line);
    const [curve, shift] = await Promise.all([desk.read('curve', wish), desk.read('shift', PERIOD)]);
    expect(curve).toEqual(await readCurve(line.journal.db, wish));
    expect(curve.units).toBe(600);
    expect(curve.points).toEqual(drawnAnew(line.journal.db, wish));
    expect(shift).toEqual(await readShift(line.journal.db, PERIOD));
    await past(line, 10);
    expect((await desk.read('curve', wish)).units).toBe(610);
  });

  it('leave the server’s thread free', async () => {
    const line = await shadow();
    const desk = deskOf(line);
    await desk.read('shift', PERIOD);
    for (let n = 0; n < 8; n += 1) await past(line, 500);
    let longest = 0;
    let before = performance.now();
    const pulse = setInterval(() => {
      longest = Math.max(longest, performance.now() - before);
      before = performance.now();
    }, 1);
    onTestFinished(() => clearInterval(pulse));
    const from = performance.now();
    await desk.read('curve', wishOf(line));
    const spent = performance.now() - from;
    // The cluster test alone takes longer than any pause of a thread that does nothing.
    expect(longest).toBeLessThan(spent / 2);
  });

  it('end with a reason where the record is away, and are refused once it closes', async () => {
    const missing = new ReadingDesk('/nowhere/journal.sqlite');
    await expect(missing.read('shift', PERIOD)).rejects.toThrow();
    await missing.close();
    await expect(missing.read('shift', PERIOD)).rejects.toThrow('closing');
  });
});

describe('curves', () => {
  it('are drawn at the first look, and anew when one judged unit in two hundred is new', async () => {
    const line = await shadow();
    let asked = 0;
    const read = async (_what: 'curve' | 'shift', wish: never) => {
      asked += 1;
      return readCurve(line.journal.db, wish) as never;
    };
    const curves = new Curves(line.journal.db, { read });
    await past(line, 20);
    const first = await curves.of(line.station);
    expect(first).toEqual(drawnAnew(line.journal.db, wishOf(line)));
    await past(line, 1);
    // Few are drawn at once, in this thread.
    const second = await curves.of(line.station);
    expect(second).toEqual(drawnAnew(line.journal.db, wishOf(line)));
    expect(asked).toBe(0);
    await past(line, 1180);
    expect(await curves.of(line.station)).toBe(second);
    await new Promise((resolve) => setImmediate(resolve));
    const drawn = await curves.of(line.station);
    expect([asked, drawn]).toEqual([1, drawnAnew(line.journal.db, wishOf(line))]);
    await past(line, 6);
    expect(await curves.of(line.station)).toBe(drawn);
    await past(line, 1);
    await curves.of(line.station);
    expect(asked).toBe(2);
  });
});

it('a shift has the median of its answers and its bad audits, as reading every row gives them', async () => {
  const line = await liveLine({ config: { ...CONFIG, undoMs: 0 } });
  const desk = { read: () => Promise.reject(new Error('a small shift is read at once')) };
  const report = () =>
    shiftReport({ journal: line.journal, desk }, [line.station], {
      ...{ site: 'test', origin: 'simulated' as const, fromMs: 0, toMs: 4e12 },
    });
  expect((await report()).stations[0]).toMatchObject({ answersSecondsMedian: null, auditsBad: 0 });
  for (let n = 0; n < 9; n += 1) void line.arrive(`unit-${n}`, n);
  await line.station.idle();
  const took = [9000, 1000, 4000, 2000, 8000, 3000, 7000, 5000];
  for (const [i, { id }] of line.station.answers.questions.list().entries()) {
    const tookMs = took[i];
    if (tookMs === undefined) continue;
    await line.station.answers.answer(id, { user: 'user:anna', label: 'good', by: 'touch', tookMs });
  }
  expect((await report()).stations[0]?.answersSecondsMedian).toBe(5);
});
