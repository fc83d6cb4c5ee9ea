import { Command } from 'commander';
import { EXIT } from '../exit.js';

/** `selvedge connector FOLDER`: begins a connector to a protocol that Selvedge does not speak. */
export function connectorCommand(done: (exit: number) => void): Command {
  return new Command('connector')
    .description('Begin a connector to equipment that Selvedge does not speak to yet')
    .argument('<folder>', 'a new folder for it')
    .option('--protocol <name>', 'name of the protocol; none = the name of the folder')
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText(
      'after',
      '\nCopies a small connector that works, the equipment for its test, and the test of conformance.\n\nExample:\n  selvedge connector ../scales --protocol scales-tcp\n',
    )
    .action(async (folder: string, flags: { protocol?: string; json: boolean }) => {
      const { runConnector } = await import('../connector-run.js');
      const { document, text } = await runConnector(folder, { protocol: flags.protocol ?? null });
      if (flags.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      const out = flags.json ? process.stderr : process.stdout;
      out.write(text);
      done(EXIT.done);
    });
}
