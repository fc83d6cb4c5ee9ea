import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultText, InputFault, openSite, type SiteConfig } from '@selvedge/site';
import { pino } from 'pino';
import { configFile, readConfig } from './built-in.js';
import { PACK_WORDS, SIMULATORS } from './simulators.js';

const CONSOLE = fileURLToPath(new URL('../../console/dist-web', import.meta.url));

export interface SiteRequest {
  /** Null = the built-in simulated line. */
  readonly config: string | null;
  readonly port: number | null;
  readonly log: 'error' | 'warn' | 'info' | 'debug';
}

interface SiteVoice {
  readonly signal: AbortSignal;
  readonly progress: (done: number, what: string) => void;
  readonly clear: () => void;
  readonly say: (text: string) => void;
}

/** Runs a site until it is told to stop. @throws InputFault with every fault of the file. */
export async function runSite({ config: file, port, log }: SiteRequest, voice: SiteVoice): Promise<void> {
  const read = await readConfig(file);
  if (read.config === null) {
    const message = read.faults.map((fault) => faultText(configFile(file), fault)).join('\n');
    throw new InputFault({ code: 'bad-config', message, file });
  }
  const config: SiteConfig = {
    ...read.config,
    ...(port === null ? {} : { listen: { ...read.config.listen, port } }),
  };
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const site = await openSite({
    config,
    version,
    logger: pino({ level: log }, pino.destination(2)),
    simulators: SIMULATORS,
    words: PACK_WORDS,
    consoleFolder: CONSOLE,
    progress: voice.progress,
    onEvent: (event, fields) => {
      if (event === 'space-short' || event === 'space-back') {
        voice.clear();
        voice.say(
          event === 'space-short'
            ? `The disk of ${config.folder} is below the hard floor: every gate is closed and people judge. Make room there, then begin a new epoch at each station.\n`
            : 'There is room on the disk again. Gates stay closed until somebody begins a new epoch at the station.\n',
        );
      }
      if (event !== 'journal') return;
      voice.clear();
      voice.say(
        fields.state === 'writing'
          ? 'The record is written again.\n'
          : `The record cannot be written (${String(fields.why)}). Nothing is taken, decided or answered until it can: make room on the disk of ${config.folder}.\n`,
      );
    },
    onListening: ({ address, code }) => {
      voice.clear();
      voice.say(`${config.site.name} [${config.site.origin}]: ${address}\n`);
      voice.say('You can open it now; the line itself begins in a moment.\n');
      if (code !== null) voice.say(`First start: open the address and enter this one-time code: ${code}\n`);
    },
  });
  voice.clear();
  if (config.site.origin === 'simulated')
    voice.say(
      'A simulated reader answers what nobody takes; it leaves the questions to you once you have answered one.\n',
    );
  voice.say('Running. Stop with Ctrl-C; nothing is lost.\n');
  if (!voice.signal.aborted)
    await new Promise<void>((resolve) =>
      voice.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  voice.say('Stopping …\n');
  await site.close();
}
