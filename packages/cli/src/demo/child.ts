import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/selvedge.mjs', import.meta.url));
/** By its place: a program that is called elsewhere would look for it there. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const FROM_SOURCE = fileURLToPath(new URL('./from-source.ts', import.meta.url));
const START_MS = 150_000;
const STOP_MS = 10_000;

/** One command of Selvedge in a process of its own. */
export class Child {
  readonly process: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #name: string;
  #out = '';
  #said = '';

  private constructor(args: readonly string[]) {
    this.#name = args.slice(0, 2).join(' ');
    // As this very process runs: built, or from its source.
    const source = import.meta.url.endsWith('.ts');
    const program = source ? ['--conditions=@selvedge/source', '--import', TSX, FROM_SOURCE] : [PROGRAM];
    this.process = spawn(process.execPath, [...program, ...args], {
      // The channel carries nothing: when its other end is gone, so is who started it.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C is for who started it: it ends its children in its own order.
      detached: true,
    });
    this.#gone = new Promise((resolve) => this.process.once('close', () => resolve()));
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.#out = (this.#out + chunk).slice(-100_000);
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.#said = (this.#said + chunk).slice(-4000);
    });
  }

  static start(args: readonly string[]): Child {
    return new Child(args);
  }

  /** How it ended, with what it said at last. */
  get end(): string {
    const { exitCode, signalCode } = this.process;
    return `exit ${exitCode}, signal ${signalCode}: ${this.#said || this.#out}`;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** A piece of the output so far; null where nothing fits. */
  heard(pattern: RegExp): RegExpExecArray | null {
    return pattern.exec(this.#out);
  }

  /** The first piece of its output that fits. @throws Error where it ends before, or takes too long. */
  async says(pattern: RegExp, signal?: AbortSignal): Promise<RegExpExecArray> {
    const untilMs = performance.now() + START_MS;
    for (;;) {
      const found = pattern.exec(this.#out);
      if (found !== null) return found;
      signal?.throwIfAborted();
      if (!this.running) throw new Error(`${this.#name} stopped: ${this.#said || this.#out}`);
      if (performance.now() > untilMs) throw new Error(`${this.#name} does not start: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Asks it to stop; kills it where it does not. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.process.kill('SIGTERM');
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    await this.#gone;
    clearTimeout(late);
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.#gone;
  }
}
