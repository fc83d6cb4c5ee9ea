import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EchoSays } from './echo-process.js';

export interface EchoOptions {
  readonly endpoint: string;
  readonly namespace: string;
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Echo {
  /** Why it did not answer as it should, as of the last time; null where it did. */
  readonly fault: string | null;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./echo-process.ts', import.meta.url));
const UP_MS = 120_000;
const STOP_MS = 5_000;

/**
 * Starts the bare echo and waits until it is connected. From its source and with the loader that knows it, so that there
 * is one copy of the module that arms a command: what another copy has armed is refused.
 * @throws Error where it does not connect
 */
export async function openEcho({ endpoint, namespace, folder, settings }: EchoOptions): Promise<Echo> {
  await mkdir(folder, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=@selvedge/source', '--import', 'tsx', PROGRAM],
      ...[endpoint, namespace, folder, JSON.stringify(settings)],
    ],
    // A session of its own, as a site has: a busy machine shares its time by sessions.
    { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let fault: string | null = null;
  let isUp = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as EchoSays;
    if ('up' in said) isUp = true;
    else fault = said.fault;
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  const untilMs = performance.now() + UP_MS;
  while (!isUp) {
    if (performance.now() > untilMs || child.exitCode !== null) {
      await close();
      throw new Error(`the bare echo does not connect: ${fault ?? `it ended with ${child.exitCode}`}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  fault = null;
  return {
    get fault() {
      return fault;
    },
    close,
  };
}
