import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface VerifyFlags {
  head?: string;
  json: boolean;
}

/** `selvedge verify JOURNAL`: walks the chain of a journal and names every break. */
export function verifyCommand(done: (exit: number) => void): Command {
  return new Command('verify')
    .description('Check that nothing in a journal was changed, removed or put elsewhere')
    .argument('<journal>', 'the file of a journal, or the folder of a site')
    .option('--head <hash>', 'hash of the last row as somebody wrote it down: finds rows cut off', headHash)
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText(
      'after',
      '\nReads only. Exit code 0: it is sound. 1: it is not. 2: it is no journal.\n\nExample:\n  selvedge verify data --head 3f…\n',
    )
    .action(async (path: string, flags: VerifyFlags) => {
      const line = progressLine(process.stderr);
      try {
        const { runVerify } = await import('../verify-run.js');
        const { document, text } = await runVerify(path, { head: flags.head ?? null, progress: line.show });
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

function headHash(text: string): string {
  const hash = text.trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new InvalidArgumentError('--head takes the 64 hex digits that an earlier verification printed');
  return hash;
}
