import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inheritedOf } from '@selvedge/connect';
import type { LearnMessage, LearnRequest, LearnResult } from './learn-request.js';

type Progress = Extract<LearnMessage, { at: 'progress' }>;

/** A learner that says nothing for so long is taken for dead: a fit of pictures tells how far it is. */
const SILENT_MS = 300_000;
/** Kept waiting for the next step so long, since starting costs more than most steps. */
const IDLE_MS = 60_000;

/**
 * The learner's process: started for a step, kept for the next one, ended when idle. It has the lowest priority and what
 * it does wrong ends it alone.
 */
export class LearnerProcess {
  #child: ChildProcess | null = null;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  /** Starts the process before its first step. */
  warm(): void {
    if (this.#child === null && !this.#closed) this.#child = spawnLearner();
    this.#rest();
  }

  /** One step. @throws Error with the reason where it failed, died, fell silent or was aborted. */
  step(request: LearnRequest, told: (progress: Progress) => void, signal: AbortSignal): Promise<LearnResult> {
    if (this.#closed) return Promise.reject(new Error('the site is closing'));
    clearTimeout(this.#idle);
    this.#child ??= spawnLearner();
    const child = this.#child;
    let errors = '';
    return new Promise<LearnResult>((resolve, reject) => {
      let silent: NodeJS.Timeout | undefined;
      const fail = (why: string): void => {
        this.#end();
        reject(new Error(why));
      };
      const heard = (): void => {
        clearTimeout(silent);
        silent = setTimeout(() => fail('the learner said nothing for five minutes'), SILENT_MS);
      };
      const abort = (): void => fail('the learner was stopped');
      const listen = (message: LearnMessage): void => {
        heard();
        if (message.at === 'progress') told(message);
        else if (message.at === 'done') resolve(message.result);
        else reject(new Error(message.why));
      };
      const gone = (code: number | null, by: string | null): void =>
        fail(`the learner's process ended (${by ?? code}): ${errors.trim().split('\n').at(-1) ?? ''}`);
      const hear = (chunk: Buffer): void => {
        errors = (errors + chunk.toString()).slice(-2000);
      };
      heard();
      signal.addEventListener('abort', abort, { once: true });
      child.on('message', listen);
      child.once('exit', gone);
      child.stderr?.on('data', hear);
      this.#settle = () => {
        clearTimeout(silent);
        signal.removeEventListener('abort', abort);
        child.off('message', listen);
        child.off('exit', gone);
        child.stderr?.off('data', hear);
      };
      if (signal.aborted) return abort();
      child.send(request, (error) => {
        if (error !== null) fail(`the learner's process cannot be reached: ${error.message}`);
      });
    }).finally(() => {
      this.#settle();
      this.#rest();
    });
  }

  #settle: () => void = () => {};

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end(), IDLE_MS);
    this.#idle.unref();
  }

  #end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#end();
  }
}

/** From sources it is TypeScript and needs the loader; built, it is plain JavaScript. */
function spawnLearner(): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(source ? './learn-process.ts' : './learn-process.js', import.meta.url));
  const loader = source ? pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href : null;
  return fork(entry, [], {
    serialization: 'advanced',
    env: inheritedOf(process.env),
    execArgv: loader === null ? [] : ['--import', loader, '--conditions=@selvedge/source'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
