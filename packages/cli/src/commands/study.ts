import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { progressLine } from '../progress.js';

interface StudyFlags {
  seed: string;
  runs?: string;
  out: string;
}

/** `selvedge study NAME`: a full-size, seeded study that writes a dated result with its commit. */
export function studyCommand(done: (exit: number) => void): Command {
  return new Command('study')
    .description('Run a full-size study and write a dated result with its commit and seed')
    .argument('[name]', 'which one; none = list them')
    .option('--seed <n>', 'seed of the study', '1')
    .option('--runs <n>', 'number of runs (default: the full size)')
    .option('--out <folder>', 'where the result goes', 'studies-out')
    .option('--json', 'print the result as one JSON document')
    .addHelpText('after', '\nExample:\n  selvedge study whole-loop --seed 1\n')
    .action(async (name: string | undefined, flags: StudyFlags) => {
      const { listStudies, runStudy } = await import('../study-run.js');
      if (name === undefined) {
        process.stdout.write(`Studies: ${(await listStudies()).join(', ')}\nRun one: selvedge study NAME\n`);
        return done(EXIT.done);
      }
      const line = progressLine(process.stderr);
      const { file, result } = await runStudy(name, {
        seed: Number(flags.seed),
        runs: flags.runs === undefined ? undefined : Number(flags.runs),
        out: flags.out,
        progress: line.show,
      });
      line.clear();
      process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
      process.stderr.write(`Written to ${file}\n`);
      done(EXIT.done);
    });
}
