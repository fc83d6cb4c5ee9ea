import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

/** `selvedge doctor [CONFIG|FOLDER]`: what is wrong with this installation. */
export function doctorCommand(done: (exit: number) => void): Command {
  return new Command('doctor')
    .description('Say what is wrong with this installation, what it means and what to do')
    .argument('[source]', 'the configuration of a site (.yaml) or its folder; none = the built-in line, here')
    .option('--deep', 'check every row of the journal, not the newest alone', false)
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText(
      'after',
      '\nChanges nothing; the site may be running. Exit code 0: no fault. 1: there are faults.\n\nExample:\n  selvedge doctor site.yaml --deep\n',
    )
    .action(async (source: string | undefined, flags: { deep: boolean; json: boolean }) => {
      const line = progressLine(process.stderr);
      try {
        const { runDoctor } = await import('../doctor-run.js');
        const { document, text } = await runDoctor(source ?? null, { deep: flags.deep, progress: line.show });
        line.clear();
        if (flags.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
        const out = flags.json ? process.stderr : process.stdout;
        out.write(text);
        done(document.ok ? EXIT.done : EXIT.answerIsNo);
      } finally {
        line.clear();
      }
    });
}
