import type { Names } from '@selvedge/core/records';
import { generateSeams, MANIFEST } from '@selvedge/pack-seat-sewing';
import type { Simulate } from '@selvedge/site';

const ENDLESS = Number.MAX_SAFE_INTEGER;

/** What words of the packs that are here are called in other languages. */
export const PACK_WORDS: Readonly<Record<string, Names>> = MANIFEST.words;

/** Simulators of the packs that are here, as a site reads them. */
export const SIMULATORS: ReadonlyMap<string, Simulate> = new Map([
  [
    MANIFEST.name,
    function* (seed) {
      for (const seam of generateSeams({ seed, seams: ENDLESS })) {
        yield {
          id: seam.id,
          observation: { kind: 'series', values: seam.values, channels: MANIFEST.channels.length },
          context: { hide: seam.hideId, thread: seam.threadLotId },
          lot: seam.hideId,
          sourceAtMs: seam.atMs,
          label: seam.label,
          bad: seam.label !== 'good',
          // Sewing anew follows from the verdict, and the verdict is what the site is about to make.
          interventions: seam.interventions.flatMap(({ type, seconds }) =>
            type === 're-sew' ? [] : [{ type, seconds }],
          ),
        };
      }
    },
  ],
]);
