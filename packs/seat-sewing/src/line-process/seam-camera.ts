import { MATERIALS, THREADS } from '../renderer/presets.js';
import { createSeamRenderer, type SeamRenderer } from '../renderer/seam-renderer.js';
import { sewSeam } from '../renderer/sew-seam.js';
import { pngOf } from './png.js';
import type { SewnSeam } from './sewing-machine.js';

/** px and px/mm: about eight stitches. */
const [WIDTH, HEIGHT, PX_PER_MM] = [384, 160, 10];

/**
 * The camera behind the foot. One picture of a seam goes out: of the stretch that takes the least thread against its
 * neighbours, where a skipped or broken stitch would lie. Which stretch that is the machine measures; it is no truth.
 */
export class SeamCamera {
  readonly #renderer: SeamRenderer = createSeamRenderer();

  picture(seam: SewnSeam, seed: number): Uint8Array {
    const sewn = sewSeam(seam.truth);
    const at = oddest(seam.traces[0] ?? []);
    const middle = (at / Math.max(1, seam.truth.faults.length)) * sewn.lengthMm;
    const materials = Object.values(MATERIALS);
    const picture = this.#renderer.render({
      ...{ width: WIDTH, height: HEIGHT, pxPerMm: PX_PER_MM, channels: 1, seed, sewn },
      material: materials[0] ?? MATERIALS.blackLeather,
      thread: THREADS.white,
      fromMm: Math.max(0, middle - WIDTH / PX_PER_MM / 2),
    });
    return pngOf(picture);
  }
}

/** What tells one cover's picture from another's: the leather, the light. */
export const pictureSeed = (plant: number, cover: number): number => plant * 65_536 + cover;

/** The stitch with the least thread, back-tacks at the ends left aside. */
function oddest(consumption: readonly number[]): number {
  const ends = 6;
  let at = Math.floor(consumption.length / 2);
  for (let i = ends; i < consumption.length - ends; i++)
    if ((consumption[i] ?? 0) < (consumption[at] ?? 0)) at = i;
  return at;
}
