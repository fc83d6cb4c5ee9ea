/**
 * A whole site in a process of its own, whose event loop is watched while others look at it. Arguments: its configuration,
 * the folder of the console (empty = none). Sends its address once it listens, and answers `pulse` with the longest time
 * that the loop stood still since the last one.
 */
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openSite, parseConfig } from '@selvedge/site';

/** What the site says of itself. */
export type LookedAt =
  | { readonly address: string; readonly code: string | null; readonly seconds: number }
  | { readonly stillMs: number; readonly peakMemoryMb: number };

const RESOLUTION_MS = 1;

const [file = '', consoleFolder = ''] = process.argv.slice(2);
const { config, faults } = parseConfig(await readFile(file, 'utf8'), file);
if (config === null) throw new Error(JSON.stringify(faults));
const say = (what: LookedAt): void => void process.send?.(what);
const from = performance.now();
const site = await openSite({
  config,
  ...{ simulators: new Map(), version: 'study' },
  consoleFolder: consoleFolder === '' ? null : consoleFolder,
});
say({ address: site.address, code: site.code, seconds: (performance.now() - from) / 1000 });
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
process.on('message', () => {
  // A tick is due each ms: what it came later than that is what the loop stood still.
  const stillMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  delay.reset();
  say({ stillMs, peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024) });
});
process.once('SIGTERM', () => void site.close().then(() => process.exit(0)));
