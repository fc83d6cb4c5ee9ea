// One module of the bench in a process of its own: progress on stderr, its rows as JSON on stdout.
import { argv, stderr, stdout } from 'node:process';
import { pathToFileURL } from 'node:url';
import type { Bench } from './bench-kit/row.js';

const file = argv[2];
if (file === undefined) throw new Error('bench-one needs the file of a bench module');
const { run } = (await import(pathToFileURL(file).href)) as { run: Bench };
const rows = await run({
  progress: (done, what) => stderr.write(`  ${String(Math.round(100 * done)).padStart(3)} % ${what}\n`),
});
stdout.write(JSON.stringify(rows));
