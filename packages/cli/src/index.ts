import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check.js';
import { connectorCommand } from './commands/connector.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { rebuildCommand } from './commands/rebuild.js';
import { replayCommand } from './commands/replay.js';
import { reportCommand } from './commands/report.js';
import { simulateCommand } from './commands/simulate.js';
import { siteCommand } from './commands/site.js';
import { studyCommand } from './commands/study.js';
import { verifyCommand } from './commands/verify.js';
import { EXIT } from './exit.js';
import { printFailure } from './failure.js';

/**
 * The one program. Returns the exit code: 0 done, 1 ran and the answer is no, 2 bad input (with what to
 * change), 3 internal. Every command loads its rooms lazily, so `--help` is instant.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('selvedge')
    .description(
      'Takes over the calls that people make by hand on a production line, only where it can prove that it may.',
    )
    .exitOverride()
    .configureOutput({ writeErr: () => {}, outputError: () => {} })
    .showHelpAfterError(false);
  const done = (exit: number) => {
    code = exit;
  };
  const makers = [
    replayCommand,
    siteCommand,
    demoCommand,
    simulateCommand,
    checkCommand,
    reportCommand,
    verifyCommand,
    rebuildCommand,
    doctorCommand,
    connectorCommand,
    studyCommand,
  ];
  const commands = makers.map((make) => make(done));
  for (const command of commands) {
    program.addCommand(command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} }));
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const command = commands.map((one) => one.name()).find((name) => name === argv[0]);
    return printFailure(error, { json: argv.includes('--json'), ...(command && { command }) });
  }
}

/** The built-in cycles, for a study of them. Loads its rooms when it is called. */
export const openCycles = async (seed: number) => (await import('./cycles-dataset.js')).openCycles(seed);

export { guardOutput } from './output.js';
export type { Step } from './study-steps.js';
