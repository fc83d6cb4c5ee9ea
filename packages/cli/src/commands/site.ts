import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface SiteFlags {
  port?: string;
  json: boolean;
}

/** `selvedge site [CONFIG]`: the server of one plant, until it is stopped. */
export function siteCommand(done: (exit: number) => void): Command {
  return new Command('site')
    .description('Run the server of one plant: stations, journal, queue and console')
    .argument(
      '[config]',
      'YAML file of the plant (see docs/site-config.md); none = the built-in simulated line',
    )
    .option('--port <n>', 'port instead of the one in the file; 0 = any free one')
    .option('--json', 'log as JSON lines on stderr', false)
    .addHelpText('after', '\nExample:\n  selvedge site plant.yaml\n')
    .action(async (config: string | undefined, flags: SiteFlags) => {
      const stop = new AbortController();
      const interrupt = (): void => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const line = progressLine(process.stderr);
      try {
        const { runSite } = await import('../site-run.js');
        await runSite(
          {
            config: config ?? null,
            port: flags.port === undefined ? null : Number(flags.port),
            json: flags.json,
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
