/**
 * Output that nobody reads any more (`| head`) ends nothing: a command goes on to its end and exits as it would. Output
 * that cannot be written (a full disk behind `>`) is said, and makes it bad input.
 */
export function guardOutput(): void {
  let lost: string | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || lost !== null) return;
    lost = error.message;
    process.stderr.write(`selvedge: the output cannot be written: ${lost}. Send it to another place\n`);
  });
  process.stderr.on('error', () => {});
  process.on('exit', () => {
    if (lost !== null && !process.exitCode) process.exitCode = 2;
  });
}
