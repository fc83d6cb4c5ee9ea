import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface VerifyFlags {
  head?: string;
  key?: string;
  journal?: string;
  json: boolean;
}

/** `selvedge verify JOURNAL|REPORT`: names every break of a chain, every figure of a report that was changed. */
export function verifyCommand(done: (exit: number) => void): Command {
  return new Command('verify')
    .description('Check that nothing in a journal or in a report was changed, removed or put elsewhere')
    .argument('<path>', 'the file of a journal, the folder of a site, a report.json or its folder')
    .option(
      '--head <hash>',
      'of a journal: the hash of its last row as somebody wrote it down; finds rows cut off',
      hashOf('--head'),
    )
    .option('--key <fingerprint>', 'of a report: the key that must have signed it', hashOf('--key'))
    .option('--journal <folder>', 'of a report: make every figure again from this journal')
    .option('--json', 'print one JSON document on stdout', false)
    .addHelpText(
      'after',
      '\nReads only, and needs no network. Exit code 0: it is sound. 1: it is not. 2: it is neither.\n\nExamples:\n  selvedge verify data --head 3f…\n  selvedge verify evidence/report.json --key 9a… --journal data\n',
    )
    .action(async (path: string, flags: VerifyFlags) => {
      const line = progressLine(process.stderr);
      try {
        const { document, text } = await verified(path, flags, line.show);
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

async function verified(
  path: string,
  { head, key, journal }: VerifyFlags,
  progress: (done: number, what: string) => void,
): Promise<{ document: { readonly ok: boolean }; text: string }> {
  const { reportAt, runVerifyReport } = await import('../verify-report-run.js');
  const report = reportAt(path);
  if (report !== null)
    return runVerifyReport(report, { key: key ?? null, journal: journal ?? null, progress });
  const { runVerify } = await import('../verify-run.js');
  return runVerify(path, { head: head ?? null, progress });
}

function hashOf(flag: string): (text: string) => string {
  return (text) => {
    const hash = text.trim().toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new InvalidArgumentError(`${flag} takes the 64 hex digits that were written down`);
    return hash;
  };
}
