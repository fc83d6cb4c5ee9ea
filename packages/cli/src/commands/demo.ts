import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit.js';

interface DemoFlags {
  headless: boolean;
  minutes: number;
  speed: number;
  seed: number;
  port: number;
  json: boolean;
}

/** `selvedge demo`: a simulated sewing line over real protocols under a real site, and its story. */
export function demoCommand(done: (exit: number) => void): Command {
  return new Command('demo')
    .description(
      'Play the story of a simulated sewing line over real OPC UA, MQTT and Modbus under a real site',
    )
    .option('--headless', 'without a browser: play, print the ledger, end', false)
    .option('--minutes <n>', 'length of the story', number('--minutes', 0.2, 120), 2)
    .option('--speed <factor>', 'seconds of the lines in one second', number('--speed', 1, 500), 60)
    .option('--seed <n>', 'both plants are drawn from it', number('--seed', 0, 1e9), 1)
    .option('--port <n>', 'port of the console; 0 = any free one', number('--port', 0, 65_535), 0)
    .option('--json', 'print the ledger as one JSON document on stdout', false)
    .addHelpText('after', '\nExample:\n  selvedge demo --headless --minutes 2 --json\n')
    .action(async (flags: DemoFlags) => {
      const stop = new AbortController();
      const interrupt = (): void => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      try {
        const [{ runDemo }, { demoText }] = await Promise.all([
          import('../demo/demo-run.js'),
          import('../demo/demo-text.js'),
        ]);
        const { headless, minutes, speed, seed, port, json } = flags;
        const document = await runDemo(
          { headless, minutes, speed, seed, port, modelFolder: 'selvedge-out/demo-model' },
          { signal: stop.signal, say: (text) => process.stderr.write(text) },
        );
        process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : demoText(document));
        done(EXIT.done);
      } catch (error) {
        // Told to stop before there was anything to print.
        if (!stop.signal.aborted) throw error;
        done(EXIT.done);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      }
    });
}

function number(name: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`${name} takes a number from ${least} to ${most}`);
    return value;
  };
}
