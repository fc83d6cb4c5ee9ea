import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

/** `selvedge rebuild FOLDER`: every projection anew from the journal. */
export function rebuildCommand(done: (exit: number) => void): Command {
  return new Command('rebuild')
    .description('Make every table that follows from the journal of a site anew')
    .argument('<folder>', 'the folder of a site; its server must be stopped')
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText('after', '\nNo row of the journal is changed.\n\nExample:\n  selvedge rebuild data\n')
    .action(async (folder: string, flags: { json: boolean }) => {
      const line = progressLine(process.stderr);
      try {
        const { runRebuild } = await import('../rebuild-run.js');
        const { document, text } = await runRebuild(folder, { progress: line.show });
        line.clear();
        if (flags.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
        const out = flags.json ? process.stderr : process.stdout;
        out.write(text);
        done(EXIT.done);
      } finally {
        line.clear();
      }
    });
}
