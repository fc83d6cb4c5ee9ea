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
export function printFailure(
  error: unknown,
  { json, command }: { readonly json: boolean; readonly command?: string },
): number {
  const failure = describe(error, command);
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

function describe(error: unknown, command: string | undefined): Failure {
  if (error instanceof CommanderError) {
    const [what = '', meant] = error.message.replace(/^error: /, '').split(/\n\(|\?\)$/);
    const help = `See: selvedge ${command === undefined ? '' : `${command} `}--help`;
    return {
      exit: EXIT.badInput,
      code: 'usage',
      message: `${what.replace(/\.$/, '')}. ${meant === undefined ? '' : `${meant}? `}${help}`,
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
  const cure = systemCure(error);
  if (cure !== null)
    return { exit: EXIT.badInput, code: 'system', message: `${message}. ${cure}`, file: null, line: null };
  return { exit: EXIT.internal, code: 'internal', message, file: null, line: null };
}

/** What this machine refuses is for whoever runs it to change; null for everything else. */
function systemCure(error: unknown): string | null {
  const { code, errcode, path } = error as { code?: string; errcode?: number; path?: string };
  const where = path === undefined ? 'the folder of the record' : path;
  // Result codes of SQLite; the lower eight bits tell the kind.
  const sqlite = code === 'ERR_SQLITE_ERROR' || errcode !== undefined ? (errcode ?? 0) & 0xff : null;
  if (code === 'EADDRINUSE')
    return 'Another program has that port, perhaps a site that runs already: stop it, or choose another with --port';
  if (code === 'EADDRNOTAVAIL') return 'This machine has no such address: change listen.host';
  if (code === 'ENOSPC' || code === 'EDQUOT' || sqlite === 13) return `Make room on the disk of ${where}`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || sqlite === 8 || sqlite === 14)
    return `Run it as the user who may write in ${where}, or give this one the right`;
  if (code === 'EMFILE' || code === 'ENFILE') return 'Raise the number of open files (ulimit -n)';
  if (code === 'EIO' || sqlite === 10)
    return `The disk of ${where} does not work: look at the log of this machine`;
  if (sqlite === 11 || sqlite === 26)
    return 'The file is damaged: keep it as it is, run selvedge verify on it, and bring a backup back';
  return null;
}
