import { Command } from 'commander';
import { EXIT } from '../exit.js';

interface CheckFlags {
  json: boolean;
  fileOnly: boolean;
}

/** `selvedge check CONFIG`: every fault of a configuration at once. */
export function checkCommand(done: (exit: number) => void): Command {
  return new Command('check')
    .description('Check the configuration of a site: every fault at once, with its line and the cure')
    .argument('<config>', 'the YAML file')
    .option('--file-only', 'look at the file alone, not at this machine (folders, port, models)', false)
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText(
      'after',
      '\nExit code 0: it is good. 2: it has faults.\n\nExample:\n  selvedge check site.yaml\n',
    )
    .action(async (file: string, flags: CheckFlags) => {
      const { runCheck } = await import('../check-run.js');
      const { good, text, document } = await runCheck(file, flags);
      if (flags.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      const out = flags.json || !good ? process.stderr : process.stdout;
      out.write(text);
      done(good ? EXIT.done : EXIT.badInput);
    });
}
