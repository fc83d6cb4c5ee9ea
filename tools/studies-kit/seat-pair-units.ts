import type { FitUnit, PairObservation } from '@selvedge/models';
import {
  createSeamRenderer,
  drawPlant,
  MATERIALS,
  PidController,
  runMachine,
  SIGNALS,
  sewSeam,
  THREADS,
  TUNED_PID,
} from '@selvedge/pack-seat-sewing';
import sharp from 'sharp';

/** A seam of about 1.2 m as a line camera lays it out: 12 strips of 100 mm, one below the other. */
const STRIPS = 12;
const STRIP_MM = 100;
const HIGH_MM = 8;
const PX_PER_MM = 4;
const WIDE = STRIP_MM * PX_PER_MM;
const HIGH = HIGH_MM * PX_PER_MM;

/** One cover with its trace, its picture, and the truth that a person's answer gives. */
export interface PairUnit extends FitUnit {
  readonly observation: PairObservation;
  readonly group: string;
}

/**
 * Covers of one machine of a plant under the tuned PID, in the order in which they were sewn, without those of the safety
 * part: the trace has the five channels of the line at every stitch, the picture shows the same stitches where the same
 * simulator sewed them. One material and one thread. Same plant, same units.
 */
export async function* pairUnits(plantSeed: number, count: number): AsyncGenerator<PairUnit> {
  const plant = drawPlant(plantSeed);
  const renderer = createSeamRenderer();
  const controller = new PidController(TUNED_PID);
  let made = 0;
  for (const { finished, truth, traces } of runMachine(plant, {
    machine: 0,
    controller,
    covers: 2 * count,
  })) {
    const { cover, hide, safety } = finished.context;
    if (safety) continue;
    const channels = SIGNALS.map(({ name }) => traces[name]);
    const stitches = truth.stitchTruth.length;
    const values = new Float32Array(stitches * channels.length);
    for (const [c, channel] of channels.entries())
      for (let i = 0; i < stitches; i++) values[i * channels.length + c] = channel[i] ?? Number.NaN;
    const sewn = sewSeam({ error: truth.error, lock: truth.lock, faults: truth.stitchTruth });
    const pixels = new Uint8Array(WIDE * HIGH * STRIPS * 3);
    for (let strip = 0; strip < STRIPS; strip++) {
      const { pixels: part } = renderer.render({
        ...{ sewn, width: WIDE, height: HIGH, pxPerMm: PX_PER_MM, foldMm: null },
        ...{ material: MATERIALS.blackLeather, thread: THREADS.white },
        fromMm: strip * STRIP_MM,
        seed: plantSeed * 100_000 + cover,
      });
      pixels.set(part, strip * part.length);
    }
    const raw = { width: WIDE, height: HIGH * STRIPS, channels: 3 } as const;
    const source = await sharp(pixels, { raw }).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
    yield {
      id: `cover-${cover}`,
      label: truth.label,
      group: `hide-${hide}`,
      observation: {
        kind: 'pair',
        series: { kind: 'series', channels: channels.length, values },
        image: { kind: 'image', source },
      },
    };
    if (++made === count) return;
  }
}
