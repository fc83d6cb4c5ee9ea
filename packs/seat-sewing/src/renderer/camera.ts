import { split, uniformAt } from '../line/counter-random.js';
import { LEVELS, srgbTable } from './exact.js';
import type { Frame } from './frame.js';
import type { Camera } from './scene.js';

const NOISE = 1 << 16;
/** Blur of a lens in focus over three pixels. */
const SIDE = 0.17;
const MIDDLE = 1 - 2 * SIDE;

/** What does not change from picture to picture. */
export interface Sensor {
  readonly srgb: Uint8Array;
  /** NOISE draws of mean 0 and sd 1: sums of four uniforms, so no more than addition makes them. */
  readonly noise: Float32Array;
}

export const createSensor = (): Sensor => ({
  srgb: srgbTable(),
  noise: Float32Array.from({ length: NOISE }, (_, i) => {
    const sum =
      uniformAt(0x51, 4 * i) +
      uniformAt(0x51, 4 * i + 1) +
      uniformAt(0x51, 4 * i + 2) +
      uniformAt(0x51, 4 * i + 3);
    // The variance of four uniforms is 1/3.
    return (sum - 2) * 1.7320508075688772;
  }),
});

/** Blur, exposure, noise and the sRGB curve: the frame's linear light becomes bytes. */
export function expose(
  frame: Frame,
  sensor: Sensor,
  camera: Camera,
  seed: number,
  channels: 1 | 3,
): Uint8Array {
  const planes = [frame.red, frame.green, frame.blue];
  if (channels === 1) {
    const { red, green, blue } = frame;
    for (let i = 0; i < red.length; i++) red[i] = 0.2126 * red[i]! + 0.7152 * green[i]! + 0.0722 * blue[i]!;
    planes.length = 1;
  }
  const amount = new Float32Array(LEVELS + 1);
  const [dark, bright] = [camera.readNoise * camera.readNoise, camera.shotNoise * camera.shotNoise];
  for (let level = 0; level <= LEVELS; level++) amount[level] = Math.sqrt(dark + (bright * level) / LEVELS);
  const { width, height } = frame;
  const out = new Uint8Array(width * height * channels);
  const { exposure } = camera;
  const { noise, srgb } = sensor;
  planes.forEach((plane, channel) => {
    lens(plane, frame.scratch, width, height);
    const radius = Math.round(camera.defocusPx);
    for (let pass = 0; pass < (radius > 0 ? 2 : 0); pass++) box(plane, frame.scratch, width, height, radius);
    for (let y = 0; y < height; y++) {
      let draw = Math.floor(uniformAt(split(seed, 0xca, channel), y) * NOISE);
      const from = y * width;
      let to = from * channels + channel;
      for (let x = 0; x < width; x++) {
        const light = plane[from + x]! * exposure;
        const level = light >= 1 ? LEVELS : light <= 0 ? 0 : (light * LEVELS) | 0;
        draw = (draw + 1) & (NOISE - 1);
        const noisy = (light + amount[level]! * noise[draw]!) * LEVELS + 0.5;
        const shown = noisy >= LEVELS ? LEVELS : noisy <= 0 ? 0 : noisy | 0;
        out[to] = srgb[shown]!;
        to += channels;
      }
    }
  });
  return out;
}

/** Three pixels along and three across; the edge repeats itself. */
function lens(plane: Float32Array, scratch: Float32Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const from = y * width;
    let before = plane[from]!;
    let here = before;
    for (let x = 0; x < width; x++) {
      const after = x + 1 < width ? plane[from + x + 1]! : here;
      scratch[from + x] = MIDDLE * here + SIDE * (before + after);
      before = here;
      here = after;
    }
  }
  for (let y = 0; y < height; y++) {
    const up = Math.max(0, y - 1) * width;
    const down = Math.min(height - 1, y + 1) * width;
    const at = y * width;
    for (let x = 0; x < width; x++)
      plane[at + x] = MIDDLE * scratch[at + x]! + SIDE * (scratch[up + x]! + scratch[down + x]!);
  }
}

/** Mean over 2 radius + 1 pixels along and across; the edge repeats itself. */
function box(
  plane: Float32Array,
  scratch: Float32Array,
  width: number,
  height: number,
  radius: number,
): void {
  means(plane, scratch, { lines: height, length: width, line: width, step: 1, radius });
  means(scratch, plane, { lines: width, length: height, line: 1, step: width, radius });
}

function means(
  from: Float32Array,
  to: Float32Array,
  shape: { lines: number; length: number; line: number; step: number; radius: number },
): void {
  const { lines, length, line, step, radius } = shape;
  const share = 1 / (2 * radius + 1);
  for (let l = 0; l < lines; l++) {
    const start = l * line;
    const value = (i: number) => from[start + Math.min(length - 1, Math.max(0, i)) * step]!;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += value(i);
    for (let i = 0; i < length; i++) {
      to[start + i * step] = sum * share;
      sum += value(i + radius + 1) - value(i - radius);
    }
  }
}
