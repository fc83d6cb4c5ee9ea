import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CAMERA_FAULTS, MATERIALS, THREADS } from './presets.js';
import { PICTURE_FAULT, type SeamPicture, type SeamScene, type Sewn } from './scene.js';
import { createSeamRenderer } from './seam-renderer.js';
import { sewSeam } from './sew-seam.js';

const renderer = createSeamRenderer();
const STITCHES = 11;
const scene = (sewn: Partial<Sewn> = {}, more: Partial<SeamScene> = {}): SeamScene => ({
  sewn: {
    along: Array.from({ length: STITCHES + 1 }, (_, i) => -2.3 + 4 * i),
    offset: Array.from({ length: STITCHES + 1 }, () => 0),
    lock: Array.from({ length: STITCHES }, () => 0),
    faults: Array.from({ length: STITCHES }, () => 0),
    ...sewn,
  },
  material: MATERIALS.blackLeather,
  thread: THREADS.white,
  seed: 11,
  ...more,
});
const bitAt = (bit: number, ...at: number[]) =>
  Array.from({ length: STITCHES }, (_, i) => (at.includes(i) ? bit : 0));
const sha = (picture: SeamPicture) => createHash('sha256').update(picture.pixels).digest('hex');
/** Mean of the channels. */
const grey = ({ pixels, width, height, channels }: SeamPicture) =>
  Float64Array.from({ length: width * height }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += pixels[i * channels + c] ?? 0;
    return sum / channels;
  });

/**
 * A ridge filter that knows nothing of the renderer: minus the second derivative of a Gaussian (sd 2 px) across the
 * seam, averaged over 5 columns. Per column: the strongest row (parabola through three) and its response.
 */
function ridge(picture: SeamPicture) {
  const { width, height } = picture;
  const image = grey(picture);
  const kernel = Array.from({ length: 17 }, (_, k) => {
    const u = (k - 8) / 2;
    return (1 - u * u) * Math.exp((-u * u) / 2);
  });
  const row = new Float64Array(width);
  const strength = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    const response = Float64Array.from({ length: height }, (_, y) => {
      if (y < 50 || y > height - 10) return Number.NEGATIVE_INFINITY;
      let sum = 0;
      for (let k = 0; k < 17; k++)
        for (let i = -1; i <= 1; i++) {
          const at = Math.min(width - 1, Math.max(0, x + i));
          sum += (kernel[k] ?? 0) * (image[(y + k - 8) * width + at] ?? 0);
        }
      return sum;
    });
    let best = 50;
    for (let y = 51; y < height - 11; y++) if ((response[y] ?? 0) > (response[best] ?? 0)) best = y;
    const [a, b, c] = [response[best - 1] ?? 0, response[best] ?? 0, response[best + 1] ?? 0];
    row[x] = best + 0.5 + (Number.isFinite(a) ? (a - c) / (2 * (a - 2 * b + c)) : 0);
    strength[x] = b;
  }
  return { row, strength };
}

/** Columns where the ridge is weakest between two stitches, by centre of its dip. */
function gaps(strength: Float64Array): number[] {
  const sorted = [...strength].sort((a, b) => a - b);
  const limit = 0.5 * (sorted[Math.floor(0.6 * sorted.length)] ?? 0);
  const found: number[] = [];
  for (let x = 0; x < strength.length; x++) {
    if ((strength[x] ?? 0) >= limit) continue;
    let end = x;
    while (end + 1 < strength.length && (strength[end + 1] ?? 0) < limit) end++;
    if (x > 0 && end < strength.length - 1) found.push((x + end + 1) / 2);
    x = end;
  }
  return found;
}

/** Boxes of the stitches with `bit`, and how many changed pixels lie inside and outside of them. */
function changes(bad: SeamPicture, sound: SeamPicture, bit: number) {
  const boxes = bad.truth.filter(({ faults }) => faults & bit).map(({ box }) => box);
  const [a, b] = [grey(bad), grey(sound)];
  const margin = 2;
  let [inside, outside] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const [x, y] = [i % bad.width, Math.floor(i / bad.width)];
    const within = boxes.some(
      ({ left, top, right, bottom }) =>
        x >= left - margin && x < right + margin && y >= top - margin && y < bottom + margin,
    );
    if (within) inside++;
    else outside++;
  }
  return { boxes, inside, outside };
}

describe('stitches are where the truth says', () => {
  const offset = Array.from({ length: STITCHES + 1 }, (_, i) => 0.9 * Math.sin(i / 2));
  const cases = [
    ['white on black leather', MATERIALS.blackLeather, THREADS.white],
    ['white on tan leather', MATERIALS.tanLeather, THREADS.white],
    ['yellow on red leather', MATERIALS.redLeather, THREADS.yellow],
    ['white on grey weave', MATERIALS.greyWoven, THREADS.white],
  ] as const;
  it.each(cases)('%s: a ridge filter finds line and holes again', (_name, material, thread) => {
    const picture = renderer.render(scene({ offset }, { material, thread }));
    const { row, strength } = ridge(picture);
    const errors = picture.truth
      .map(({ fromPx, toPx }) => {
        const [x, y] = [(fromPx[0] + toPx[0]) / 2, (fromPx[1] + toPx[1]) / 2];
        return x >= 4 && x < picture.width - 4 ? Math.abs((row[Math.floor(x)] ?? 0) - y) : 0;
      })
      .sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThanOrEqual(9);
    // px: .15 mm in the middle of a stitch, where the thread may sway.
    expect(errors.at(-1)).toBeLessThan(1.5);
    const found = gaps(strength);
    const holes = picture.truth.map(({ fromPx }) => fromPx[0]).filter((x) => x > 4 && x < 380);
    for (const hole of holes) expect(Math.min(...found.map((x) => Math.abs(x - hole)))).toBeLessThan(4);
    expect(found.length).toBe(holes.length);
  });

  it('a skipped stitch leaves a gap less, a broken one a long gap', () => {
    const clean = gaps(ridge(renderer.render(scene())).strength).length;
    const skip = renderer.render(scene({ faults: bitAt(PICTURE_FAULT.skip, 5) }));
    expect(gaps(ridge(skip).strength).length).toBe(clean - 1);
    const broken = renderer.render(scene({ faults: bitAt(PICTURE_FAULT.broken, 4, 5, 6) }));
    const { row } = ridge(broken);
    const off = row.filter((y) => Math.abs(y - 80) > 4).length;
    expect(off).toBeGreaterThan(20);
  });
});

describe('what is wrong shows where the truth says, and only there', () => {
  const local = [
    ['skip', bitAt(PICTURE_FAULT.skip, 5), PICTURE_FAULT.skip],
    ['broken', bitAt(PICTURE_FAULT.broken, 4, 5), PICTURE_FAULT.broken],
    ['pucker', bitAt(PICTURE_FAULT.pucker, 5), PICTURE_FAULT.pucker],
    ['large-hole', bitAt(PICTURE_FAULT.largeHole, 5), PICTURE_FAULT.largeHole],
    ['wrong-thread', bitAt(PICTURE_FAULT.wrongThread, 5, 6), PICTURE_FAULT.wrongThread],
  ] as const;
  it.each(local)('%s', (name, faults, bit) => {
    const bad = renderer.render(scene({ faults }));
    const { boxes, inside, outside } = changes(bad, renderer.render(scene()), bit);
    expect(boxes.length).toBeGreaterThan(0);
    expect(bad.truth.find(({ faults }) => faults & bit)?.class).toBe(name);
    expect(inside).toBeGreaterThan(80);
    expect(outside).toBe(0);
  });

  const lockAt = (value: number, ...at: number[]) =>
    Array.from({ length: STITCHES }, (_, i) => (at.includes(i) ? value : 0));
  it.each([
    ['loose', -0.2, PICTURE_FAULT.loose],
    ['tight', 0.2, PICTURE_FAULT.tight],
  ] as const)('%s follows the lock point', (name, lock, bit) => {
    const bad = renderer.render(scene({ lock: lockAt(lock, 4, 5), faults: bitAt(bit, 4, 5) }));
    const { inside, outside } = changes(bad, renderer.render(scene()), bit);
    expect(bad.truth.find(({ faults }) => faults & bit)?.class).toBe(name);
    expect(inside).toBeGreaterThan(80);
    expect(outside).toBe(0);
    // The bit alone changes nothing: no label leaks into the picture.
    expect(sha(renderer.render(scene({ faults: bitAt(bit, 4, 5) })))).toBe(sha(renderer.render(scene())));
  });

  it('off-line: the stitches move and the fold stays', () => {
    const offset = Array.from({ length: STITCHES + 1 }, (_, i) => (i > 4 ? 1.2 : 0));
    const faults = bitAt(PICTURE_FAULT.offLine, 5, 6, 7, 8, 9, 10);
    const bad = renderer.render(scene({ offset, faults }));
    const { row } = ridge(bad);
    for (const { class: is, fromPx, toPx } of bad.truth) {
      const x = Math.floor((fromPx[0] + toPx[0]) / 2);
      if (is === 'off-line' && x < 380) expect(Math.abs((row[x] ?? 0) - 92)).toBeLessThan(1.5);
    }
    const sound = renderer.render(scene());
    expect(bad.pixels.subarray(0, 3 * 384 * 50)).toEqual(sound.pixels.subarray(0, 3 * 384 * 50));
  });

  it('missing back-tack: one pass instead of three', () => {
    const zero = new Float64Array(30);
    const faults = Array.from(zero, (_, i) => (i < 5 || i >= 25 ? PICTURE_FAULT.backTackMissing : 0));
    const view = (of: ArrayLike<number>) =>
      renderer.render(scene({}, { sewn: sewSeam({ error: zero, lock: zero, faults: of }), fromMm: -4 }));
    const [bad, sound] = [view(faults), view(zero)];
    expect(sound.truth.filter(({ stitch }) => stitch === 2)).toHaveLength(3);
    expect(bad.truth.filter(({ stitch }) => stitch === 2)).toHaveLength(1);
    expect(bad.truth[0]?.class).toBe('missing-back-tack');
    const light = (picture: SeamPicture) =>
      grey(picture).filter((v, i) => v > 150 && i % 384 >= 45 && i % 384 < 155).length;
    expect(light(sound)).toBeGreaterThan(1.2 * light(bad));
  });
});

describe('camera', () => {
  it('half dark: the right half loses its light', () => {
    const dark = grey(renderer.render(scene({}, { camera: CAMERA_FAULTS.halfDark })));
    const sound = grey(renderer.render(scene()));
    const mean = (of: Float64Array, from: number, to: number) => {
      const part = of.filter((_, i) => i % 384 >= from && i % 384 < to);
      return part.reduce((a, b) => a + b, 0) / part.length;
    };
    expect(mean(dark, 250, 384)).toBeLessThan(0.5 * mean(sound, 250, 384));
    expect(Math.abs(mean(dark, 0, 150) - mean(sound, 0, 150))).toBeLessThan(0.5);
  });

  it('out of focus: neighbours differ less', () => {
    const rough = (picture: SeamPicture) => {
      const image = grey(picture);
      return image.reduce((sum, v, i) => sum + (i % 384 ? (v - (image[i - 1] ?? 0)) ** 2 : 0), 0);
    };
    const blurred = renderer.render(scene({}, { camera: CAMERA_FAULTS.outOfFocus }));
    expect(rough(blurred)).toBeLessThan(0.5 * rough(renderer.render(scene())));
  });
});

describe('the same scene gives the same bytes', () => {
  it('again, after other pictures and in a new renderer; another seed gives others', () => {
    const once = sha(renderer.render(scene()));
    renderer.render(scene({}, { width: 200, height: 90, material: MATERIALS.greyWoven, seed: 3 }));
    expect(sha(renderer.render(scene()))).toBe(once);
    expect(sha(createSeamRenderer().render(scene()))).toBe(once);
    expect(sha(renderer.render(scene({}, { seed: 12 })))).not.toBe(once);
  });

  it('on every machine: bytes fixed when this was written', () => {
    const faults = [1, 0, 0, 2, 2, 0, 64, 0, 128, 256, 0];
    const lock = [0, 0.2, -0.2, 0, 0, 0.1, 0, -0.1, 0, 0, 0];
    const parts = [MATERIALS.tanLeather, MATERIALS.beigeWoven].map((material) =>
      sha(renderer.render(scene({ faults, lock }, { material, camera: { defocusPx: 1 } }))).slice(0, 16),
    );
    expect(parts).toEqual(['43e56e997eee093a', '40b0be28a811a3d6']);
  });

  it('refuses what cannot be drawn', () => {
    expect(() => renderer.render(scene({ lock: [0] }))).toThrow(RangeError);
    expect(() => renderer.render(scene({}, { width: 0 }))).toThrow(RangeError);
  });

  it('one channel is one byte a pixel', () => {
    const picture = renderer.render(scene({}, { channels: 1 }));
    expect(picture.pixels).toHaveLength(384 * 160);
  });
});
