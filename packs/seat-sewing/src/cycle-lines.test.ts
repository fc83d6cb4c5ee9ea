import { describe, expect, it } from 'vitest';
import { parseCycleLine, writeCycleLines } from './cycle-lines.js';
import { generateSeams } from './seam-cycles.js';

const STITCHES = [
  [6.1, 140, 60],
  [6.2, 141, 61],
  [6.3, 142, 62],
  [6.4, 143, 63],
];
const line = (fields: object) => JSON.stringify({ id: 's1', label: 'good', stitches: STITCHES, ...fields });

describe('the lines of seams', () => {
  it('come back as they were written, to the thousandth', () => {
    const [seam] = generateSeams({ seed: 3, seams: 1 });
    const [written] = writeCycleLines([seam!]);
    const read = parseCycleLine(written!.trim());
    if (!('cycle' in read)) throw new Error(read.fault);
    const { values, ...rest } = read.cycle;
    const { id, label, atMs, hideId, threadLotId } = seam!;
    expect(rest).toEqual({ id, label, atMs, hideId, threadLotId });
    expect(values).toHaveLength(seam!.values.length);
    values.forEach((v, i) => {
      expect(Math.abs(v - seam!.values[i]!)).toBeLessThanOrEqual(6e-4);
    });
  });
  it('may leave out the time, the hide and the lot', () => {
    expect(parseCycleLine(line({}))).toMatchObject({
      cycle: { atMs: null, hideId: null, threadLotId: null },
    });
  });
  it.each([
    ['{', 'no JSON', null],
    ['[1]', 'no JSON object', null],
    [line({ id: 7 }), '"id"', null],
    [line({ label: '' }), '"label"', 's1'],
    [line({ time: 'yesterday' }), 'ISO 8601', 's1'],
    [line({ stitches: STITCHES.slice(1) }), '4 stitches', 's1'],
    [line({ stitches: [...STITCHES, [1, 2]] }), 'stitch 5', 's1'],
    [line({ stitches: [...STITCHES, [1, 2, null]] }), 'stitch 5', 's1'],
  ])('name what is wrong: %s', (text, why, id) => {
    const read = parseCycleLine(text);
    if (!('fault' in read)) throw new Error('was read');
    expect(read.fault).toContain(why);
    expect(read.id).toBe(id);
  });
});
