import { REPLAY_SPEC_VERSION, type ReplayError } from '@selvedge/core/records';
import { CommanderError } from 'commander';
import { EXIT } from './exit.js';

/** What is known of a failure, whoever threw it. */
interface Failure {
  readonly exit: number;
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
}

/**
 * Prints a failure for a person on stderr (what is wrong, what to change, no stack) and, with `--json`, the
 * error document on stdout. Returns the exit code.
 */
export function printFailure(error: unknown, { json }: { json: boolean }): number {
  const failure = describe(error);
  if (json) {
    const document: ReplayError = {
      specVersion: REPLAY_SPEC_VERSION,
      error: { code: failure.code, message: failure.message, file: failure.file, line: failure.line },
    };
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  const place =
    failure.file === null || failure.message.includes(failure.file)
      ? ''
      : ` (${failure.file}${failure.line === null ? '' : `:${failure.line}`})`;
  process.stderr.write(`selvedge: ${failure.message}${place}\n`);
  if (failure.exit === EXIT.internal) {
    process.stderr.write(
      'This is a fault in Selvedge. Run again with SELVEDGE_DEBUG=1 and file the trace.\n',
    );
    if (process.env.SELVEDGE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  }
  return failure.exit;
}

function describe(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '');
    return {
      exit: EXIT.badInput,
      code: 'usage',
      message: `${message}. See: selvedge --help`,
      file: null,
      line: null,
    };
  }
  const fault = error as Partial<{ name: string; code: string; message: string; file: string; line: number }>;
  if (fault?.name === 'InputFault' || fault?.name === 'FitError') {
    return {
      exit: EXIT.badInput,
      code: fault.code ?? 'bad-input',
      message: fault.message ?? 'the input cannot be used',
      file: fault.file ?? null,
      line: fault.line ?? null,
    };
  }
  // What the record refuses is for its owner to change: another file, another version, one server too many.
  if (fault?.name === 'StoreError') {
    const message = fault.message ?? 'the record cannot be used';
    return { exit: EXIT.badInput, code: fault.code ?? 'store', message, file: null, line: null };
  }
  if (fault?.name === 'AbortError') {
    const message = 'interrupted; nothing was written. Start it again when you are ready';
    return { exit: EXIT.badInput, code: 'interrupted', message, file: null, line: null };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exit: EXIT.internal, code: 'internal', message, file: null, line: null };
}
