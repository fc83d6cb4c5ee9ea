import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT } from '../exit.js';
import { leaveWithParent } from '../leave-with-parent.js';
import { progressLine } from '../progress.js';

interface SiteFlags {
  port?: number;
  log: 'error' | 'warn' | 'info' | 'debug';
}

/** `selvedge site [CONFIG]`: the server of one plant, until it is stopped. */
export function siteCommand(done: (exit: number) => void): Command {
  return new Command('site')
    .description('Run the server of one plant: stations, journal, queue and console')
    .argument(
      '[config]',
      'YAML file of the plant (see docs/site-config.md); none = the built-in simulated line',
    )
    .option('--port <n>', 'port instead of the one in the file; 0 = any free one', portNumber)
    .addOption(
      new Option('--log <level>', 'what is logged on stderr, as JSON lines')
        .choices(['error', 'warn', 'info', 'debug'])
        .default('warn'),
    )
    .addHelpText('after', '\nExample:\n  selvedge site plant.yaml\n')
    .action(async (config: string | undefined, flags: SiteFlags) => {
      const stop = new AbortController();
      const interrupt = (): void => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      leaveWithParent(stop);
      const line = progressLine(process.stderr);
      try {
        const { runSite } = await import('../site-run.js');
        await runSite(
          {
            config: config ?? null,
            port: flags.port ?? null,
            log: flags.log,
          },
          {
            signal: stop.signal,
            progress: line.show,
            clear: line.clear,
            say: (text) => process.stdout.write(text),
          },
        );
        done(EXIT.done);
      } finally {
        line.clear();
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('--port takes a whole number from 0 to 65535');
  return port;
}
