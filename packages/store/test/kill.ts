import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));

export interface Acknowledged {
  /** Seq and hash of every fact that the writer was told is on disk. */
  readonly facts: ReadonlyMap<number, string>;
  readonly stderr: string;
}

/** Lets a writer work for `ms` after it has opened the journal, kills it with no warning, and tells what it was told. */
export async function writeAndKill(
  folder: string,
  ms: number,
  {
    synchronous = 'FULL',
    content = false,
    env = {},
  }: { synchronous?: 'FULL' | 'NORMAL'; content?: boolean; env?: Record<string, string> } = {},
): Promise<Acknowledged> {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@selvedge/source', '--import', 'tsx', WRITER, folder, synchronous, content ? 'yes' : 'no'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let out = '';
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  await new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (out.startsWith('open ')) resolve();
    });
    child.once('exit', () => resolve());
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
  const facts = new Map<number, string>();
  // A line that the kill cut short was not acknowledged to anybody.
  for (const line of out.split('\n').slice(0, -1)) {
    const [word, seq, hash] = line.split(' ');
    if (word === 'ack') facts.set(Number(seq), hash!);
  }
  return { facts, stderr };
}
