import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inheritedOf } from '@selvedge/connect';
import type { Observation, ObservationKind, RemoteSpec } from '@selvedge/models';

/** What an applicant is, as its process opens it. */
export type ApplicantSpec =
  | {
      readonly kind: 'graph';
      readonly onnx: Uint8Array;
      readonly input: ObservationKind;
      readonly inputShape: readonly number[];
      readonly turned: boolean;
    }
  | RemoteSpec;

export interface SaidHere {
  readonly score: number;
  readonly fault?: string;
  readonly classScores?: Float32Array;
}

export interface HostedAnswer {
  readonly said: readonly SaidHere[];
  /** Processor time of the process, ms. */
  readonly cpuMs: number;
}

export type ToApplicant =
  | { readonly ask: 'open'; readonly id: number; readonly spec: ApplicantSpec; readonly batchMs: number }
  | { readonly ask: 'score'; readonly id: number; readonly units: readonly Observation[] };

export type FromApplicant =
  | { readonly id: number; readonly answer: HostedAnswer | null }
  | { readonly id: number; readonly fault: string };

/** Opening a graph or reaching a server may take so long. */
const OPEN_MS = 60_000;
/** A process that ended is started again after so long, doubled each time. */
const AGAIN_MS = [1_000, 60_000] as const;
/** Of the patience with a batch, the share within which a model that is asked over the network tells what it has. */
const TELLS_WITHIN = 5 / 6;
/** Memory that one may take before Node ends it, MB; native memory of a graph comes on top. */
const HEAP_MB = 512;

/**
 * An applicant in a process of its own, at the lowest priority: a graph that crashes natively, a loop without end or a
 * server that lies takes nobody along. It is started again with a growing pause, and what it was asked meanwhile has no score.
 */
export class HostedScorer {
  readonly #spec: ApplicantSpec;
  readonly #patienceMs: number;
  readonly #waiting = new Map<
    number,
    { resolve: (a: HostedAnswer | null) => void; reject: (e: Error) => void }
  >();
  #child: ChildProcess | null = null;
  #next = 0;
  #downUntil = 0;
  #pauseMs: number = AGAIN_MS[0];
  #why = 'it was not started yet';
  #opening: Promise<void> | null = null;
  #closed = false;

  constructor(spec: ApplicantSpec, { patienceMs }: { patienceMs: number }) {
    this.#spec = spec;
    this.#patienceMs = patienceMs;
  }

  /** @throws Error with the reason where the graph is refused or the server cannot be reached. */
  async open(): Promise<void> {
    if (this.#closed) throw new Error('it was closed');
    if (performance.now() < this.#downUntil) throw new Error(this.#why);
    this.#opening ??= this.#start().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  /** @throws Error where it gave no answer in time, or its process is down. */
  async score(units: readonly Observation[]): Promise<HostedAnswer> {
    if (this.#child === null) await this.open();
    const answer = await this.#ask((id) => ({ ask: 'score', id, units }), this.#patienceMs);
    if (answer === null) throw new Error('it gave no answer');
    return answer;
  }

  async #start(): Promise<void> {
    const child = spawnApplicant();
    this.#child = child;
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-1000);
    });
    child.on('message', (message: FromApplicant) => {
      const waits = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if ('fault' in message) waits?.reject(new Error(message.fault));
      else waits?.resolve(message.answer);
    });
    child.once('exit', (code, signal) => {
      if (this.#child === child)
        this.#fell(`its process ended (${signal ?? code}) ${errors.trim().split('\n').at(-1) ?? ''}`);
    });
    try {
      const batchMs = TELLS_WITHIN * this.#patienceMs;
      await this.#ask((id) => ({ ask: 'open', id, spec: this.#spec, batchMs }), OPEN_MS);
      this.#pauseMs = AGAIN_MS[0];
    } catch (error) {
      this.#fell(error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  #ask(of: (id: number) => ToApplicant, withinMs: number): Promise<HostedAnswer | null> {
    const id = this.#next++;
    return new Promise<HostedAnswer | null>((resolve, reject) => {
      const timer = setTimeout(() => {
        // Whatever it is doing, nobody waits for it any more: a loop without end is ended.
        this.#fell(`it gave no answer within ${Math.round(withinMs / 1000)} s`);
      }, withinMs);
      const settled = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#child?.send(of(id), (error) => {
        if (error !== null) this.#waiting.get(id)?.reject(new Error(error.message));
      });
    });
  }

  #fell(why: string): void {
    this.#why = why;
    this.#downUntil = performance.now() + this.#pauseMs;
    this.#pauseMs = Math.min(AGAIN_MS[1], 2 * this.#pauseMs);
    const child = this.#child;
    this.#child = null;
    child?.kill('SIGKILL');
    for (const { reject } of [...this.#waiting.values()]) reject(new Error(why));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#fell('it was closed');
  }
}

function spawnApplicant(): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(
    new URL(source ? './applicant-process.ts' : './applicant-process.js', import.meta.url),
  );
  const loader = source ? pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href : null;
  return fork(entry, [], {
    serialization: 'advanced',
    env: inheritedOf(process.env),
    execArgv: [
      `--max-old-space-size=${HEAP_MB}`,
      ...(loader === null ? [] : ['--import', loader, '--conditions=@selvedge/source']),
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
