/**
 * A whole site in a process of its own, to be killed. Argument: its configuration. Says on stdout, in one line of JSON,
 * where it listens, the one-time code, and each station's gate beside the number of the row up to which it has come.
 */
import { readFile } from 'node:fs/promises';
import { openSite, parseConfig } from '@selvedge/site';

const [file = ''] = process.argv.slice(2);
const { config, faults } = parseConfig(await readFile(file, 'utf8'), file);
if (config === null) throw new Error(JSON.stringify(faults));
const site = await openSite({ config, simulators: new Map(), consoleFolder: null, version: 'study' });
const { live, journal } = site.parts;
const gates = await Promise.all(
  [...live.stations].map(([station, { desk }]) =>
    // In turn with whatever moves the gate, so that nothing is stepped that no row says.
    desk.exclusively(async () => ({ station, seq: journal.head.seq, state: desk.state })),
  ),
);
process.stdout.write(`${JSON.stringify({ address: site.address, code: site.code, gates })}\n`);
process.once('SIGTERM', () => void site.close().then(() => process.exit(0)));
