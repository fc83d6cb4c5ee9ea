import { readFile, writeFile } from 'node:fs/promises';

/** `npx tsx tools/studies-kit/export-tuned-gains.ts RESULT.json`: the result of seat-sewing-tuning as a source file. */
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('which result of the seat-sewing-tuning study?');
const { pid, adviser, commit, seed, evaluationsEach, date } = JSON.parse(await readFile(file, 'utf8'));
const text = `import type { AdviserGains } from './adviser.js';
import type { PidGains } from './pid.js';

/**
 * Generated: do not edit. \`selvedge study seat-sewing-tuning --seed ${seed}\` at commit ${commit}, ${date.slice(0, 10)},
 * ${evaluationsEach} evaluations each; written by \`tools/studies-kit/export-tuned-gains.ts\`. Objective reached on the
 * training plants (interventions and a tenth of the planned changes per 100 covers): PID ${pid.objective.toFixed(3)}, with
 * the adviser ${adviser.objective.toFixed(3)}.
 */
export const TUNED_PID: PidGains = ${JSON.stringify(pid.gains)};

export const TUNED_ADVISER: AdviserGains = ${JSON.stringify(adviser.gains)};
`;
await writeFile(
  new URL('../../packs/seat-sewing/src/control/tuned-gains.generated.ts', import.meta.url),
  text,
);
