import type { ChildProcess } from 'node:child_process';
import type { Receipt } from '../contract/command.js';
import type { Context, Link, LinkState, NodeInfo, Probe, Telling } from '../contract/connector.js';
import type { Batch, Item, Sample } from '../contract/item.js';
import type { Tag } from '../contract/tag.js';
import { type Armed, isArmed } from '../guard/armed.js';
import { Backoff } from '../kit/backoff.js';
import { States } from '../kit/states.js';
import { machineMs } from './machine-ms.js';
import type { Call, FromChild, Results, ToChild } from './messages.js';
import { Redactor } from './redactor.js';
import { spawnChild } from './spawn.js';

export interface HostOptions {
  readonly context: Context;
  /** Name of a built-in protocol, or a module that exports `connector`. */
  readonly connector: string;
  readonly config: unknown;
  readonly tags: readonly Tag[];
  /** The guard's. */
  readonly key: Uint8Array;
  readonly limits?: Partial<HostLimits>;
  /** Told of every beat, for the figures of a site. */
  readonly onBeat?: (beat: Extract<FromChild, { say: 'beat' }>) => void;
}

export interface HostLimits {
  readonly beatMs: number;
  /** Without a beat for so long it counts as hanging and is killed. */
  readonly deadMs: number;
  /** The same while it loads: some libraries need seconds of processor time for that, and a busy machine makes them many. */
  readonly loadMs: number;
  /** A whole core for so long: it spins. */
  readonly spinMs: number;
  readonly spinShare: number;
  readonly heapBytes: number;
  readonly callMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const LIMITS: HostLimits = {
  ...{
    beatMs: 500,
    deadMs: 4000,
    loadMs: 30_000,
    spinMs: 20_000,
    spinShare: 0.95,
    heapBytes: 1_000_000_000,
    callMs: 10_000,
  },
  ...{ firstPauseMs: 500, longestPauseMs: 30_000 },
};

/** Whatever was handed in, as plain data that crosses to another process. */
const plain = <T>(data: T): T => JSON.parse(JSON.stringify(data)) as T;

/** Characters of what a process says on its error output that are kept. */
const MOST_SAID = 8000;

/** A batch, and for how long its newest item has waited on its way here. */
export interface HostedBatch extends Batch {
  readonly lagMs: number;
}

interface Pending {
  settle(value: unknown): void;
  fail(why: string): void;
}

/**
 * A link whose connector runs in a process of its own, so that what crashes, leaks or spins in a library of a protocol never
 * takes the site along. It is started again with growing pauses; the moment it is gone all of its tags are bad, and a write
 * that was under way is `unknown`.
 */
export class HostedLink implements Link {
  readonly #o: HostOptions;
  readonly #limits: HostLimits;
  readonly #states = new States();
  readonly #waiting: HostedBatch[] = [];
  readonly #pending = new Map<number, Pending>();
  readonly #stop = new AbortController();
  readonly #redactor = new Redactor();
  #wake: () => void = () => {};
  #child: ChildProcess | null = null;
  #opened = false;
  #serial = 0;
  #restarts = 0;
  #closed = false;
  readonly #ended: Promise<void>;

  constructor(options: HostOptions) {
    this.#o = options;
    this.#limits = { ...LIMITS, ...options.limits };
    options.context.signal.addEventListener('abort', () => void this.close(), { once: true });
    this.#ended = this.#keep();
  }

  /** How often it had to be started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** For tests and figures: the process that runs now. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  states(): AsyncIterable<LinkState> {
    return this.#states.changes();
  }

  async *batches(): AsyncGenerator<HostedBatch> {
    while (true) {
      const batch = this.#waiting.shift();
      if (batch !== undefined) yield batch;
      else if (this.#closed) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  async read(tags: readonly Tag[]): Promise<readonly Sample[]> {
    try {
      const answers = await this.#call({ do: 'read', tags });
      // What a connector of somebody else left out, added or mixed up is told apart by its name.
      const left = [...answers];
      return tags.map((tag, i) => {
        const at = left.findIndex((one) => one?.tag === tag.tag);
        const [own] = at < 0 ? [] : left.splice(at, 1);
        return own === undefined
          ? this.#gone(tag, 'the connector did not answer for it', i)
          : this.#clean(own);
      });
    } catch (error) {
      return tags.map((tag, i) => this.#gone(tag, String(error), i));
    }
  }

  async probe(): Promise<Probe> {
    return this.#call({ do: 'probe' }).catch((error) => ({ ok: false, tookMs: null, why: String(error) }));
  }

  async write(armed: Armed, tag: Tag): Promise<Receipt> {
    const { id, notAfterMs } = armed.command;
    if (!isArmed(armed)) return { id, outcome: 'refused', why: 'it was not armed by the guard' };
    if (!this.#opened || this.#child === null)
      return { id, outcome: 'refused', why: 'the connector is not there' };
    const { command, epoch, seal } = armed;
    const untilMs = machineMs() + notAfterMs - this.#o.context.nowMs();
    // What was handed over may have been sent: only the connector's own word says that it was not.
    return this.#call({ do: 'write', sealed: { command, epoch, seal }, tag, untilMs }).then(
      (receipt) => ({ ...receipt, why: this.#redactor.text(String(receipt.why ?? '')) }),
      (error) => ({ id, outcome: 'unknown' as const, why: String(error) }),
    );
  }

  async publish(tellings: readonly Telling[]): Promise<void> {
    await this.#call({ do: 'publish', tellings });
  }

  async *browse(from: string, limit: number): AsyncGenerator<NodeInfo> {
    yield* await this.#call({ do: 'browse', from, limit });
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#stop.abort();
      this.#send({ say: 'close' });
    }
    await this.#ended;
    this.#states.close();
    this.#wake();
  }

  #send(message: ToChild): void {
    if (this.#child?.connected === true) this.#child.send(message, () => {});
  }

  #call<D extends Call['do']>(what: Extract<Call, { do: D }>): Promise<Results[D]> {
    if (!this.#opened) return Promise.reject(new Error('the connector is not there'));
    this.#serial += 1;
    const id = this.#serial;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#pending.delete(id);
      };
      const fail = (why: string): void => {
        end();
        reject(new Error(why));
      };
      const timer = setTimeout(
        () => fail(`no answer from the connector in ${this.#limits.callMs} ms`),
        this.#limits.callMs,
      );
      this.#pending.set(id, {
        fail,
        settle: (value) => {
          end();
          resolve(value as Results[D]);
        },
      });
      this.#send({ say: 'call', id, what });
    });
  }

  async #keep(): Promise<void> {
    const { context } = this.#o;
    const { firstPauseMs, longestPauseMs } = this.#limits;
    const backoff = new Backoff({ firstMs: firstPauseMs, longestMs: longestPauseMs, random: context.random });
    while (!this.#closed) {
      const from = context.steadyMs();
      const end = await this.#run();
      this.#died(end.why);
      if (this.#closed) return;
      context.log('connector-ended', { connector: this.#o.connector, why: end.why });
      if (context.steadyMs() - from > 2 * longestPauseMs) backoff.reset();
      this.#states.set('down', end.refused ? end.why : `${end.why}; it is started again`);
      if (end.refused) {
        // Nothing that is tried again helps; it waits for another configuration.
        await new Promise<void>((resolve) => this.#stop.signal.addEventListener('abort', () => resolve()));
        return;
      }
      await backoff.pause(this.#stop.signal);
      this.#restarts += 1;
    }
  }

  /** One life of the process; resolves with why it ended. */
  #run(): Promise<{ why: string; refused: boolean }> {
    const { context, connector, config, tags, key, onBeat } = this.#o;
    const { beatMs, deadMs, loadMs, spinMs, spinShare, heapBytes } = this.#limits;
    const child = spawnChild();
    this.#child = child;
    let said = '';
    let refused: string | null = null;
    let killed: string | null = null;
    let beatAtMs = context.steadyMs();
    let calmAtMs = beatAtMs;
    const kill = (why: string): void => {
      killed ??= why;
      child.kill('SIGKILL');
    };
    let lookedAtMs = beatAtMs;
    const watch = setInterval(() => {
      const now = context.steadyMs();
      // A stall of our own is not theirs.
      if (now - lookedAtMs > 2 * beatMs) beatAtMs = Math.max(beatAtMs, now - beatMs);
      lookedAtMs = now;
      if (now - beatAtMs > (this.#opened ? deadMs : Math.max(deadMs, loadMs)))
        kill(`no sign of life for ${Math.round(now - beatAtMs)} ms`);
      if (this.#closed && now - beatAtMs > 2000) kill('it did not stop');
    }, beatMs);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      // Never in the middle of a line: half a secret is known by nobody.
      if (said.length > MOST_SAID) said = said.slice(said.indexOf('\n', said.length - MOST_SAID) + 1);
      if (said.length > MOST_SAID) said = '';
    });
    const hear = (message: FromChild): void => {
      switch (message.say) {
        case 'ready':
          this.#send({
            say: 'open',
            connector,
            ...plain({ config, tags }),
            folder: context.folder,
            key,
            beatMs,
          });
          break;
        case 'opened':
          this.#opened = true;
          break;
        case 'refused':
          refused = this.#redactor.text(message.why);
          break;
        case 'beat':
          if (message.cpuShare < spinShare) calmAtMs = context.steadyMs();
          if (context.steadyMs() - calmAtMs > spinMs) kill(`it used a whole core for ${spinMs} ms`);
          if (message.heapBytes > heapBytes)
            kill(`it used ${Math.round(message.heapBytes / 1e6)} MB of memory`);
          onBeat?.(message);
          break;
        case 'state':
          this.#states.set(
            ...([message.state.state, this.#redactor.text(message.state.why), message.state.epoch] as const),
          );
          break;
        case 'batch':
          this.#hand(message, () => {
            // An older life's batch is nobody's any more.
            if (this.#child === child) this.#send({ say: 'ack', batch: message.batch });
          });
          break;
        case 'result':
          this.#pending.get(message.id)?.settle(message.value);
          break;
        case 'failed':
          this.#pending.get(message.id)?.fail(this.#redactor.text(message.why));
          break;
        case 'secret':
          void context.secret(message.name).then(
            (value) => {
              this.#redactor.learn(value);
              this.#send({ say: 'secret', id: message.id, value, why: '' });
            },
            (error) => this.#send({ say: 'secret', id: message.id, value: null, why: String(error) }),
          );
          break;
        case 'log':
          context.log(message.event, this.#redactor.data(message.fields));
          break;
      }
    };
    child.on('message', (message: FromChild) => {
      // What a process said before it ended may come after: it speaks for nobody any more.
      if (this.#child !== child) return;
      beatAtMs = context.steadyMs();
      try {
        hear(message);
      } catch (error) {
        kill(`it said what nobody understands: ${String(error)}`);
      }
    });
    return new Promise((resolve) => {
      const over = (why: string): void => {
        clearInterval(watch);
        const lines = said.trim().split('\n');
        const line = lines.findLast((one) => /Error: /.test(one)) ?? lines.at(-1) ?? '';
        const last = this.#redactor.text(line);
        const words = killed ?? refused ?? (last === '' ? why : `${why}: ${last.slice(0, 300)}`);
        resolve({ why: words, refused: refused !== null });
      };
      child.once('error', (error) => {
        child.kill('SIGKILL');
        over(error.message);
      });
      child.once('exit', (code, signal) => over(`its process ended (${signal ?? code})`));
    });
  }

  #hand(what: { readonly items: readonly Item[]; readonly lagMs: number }, ack: () => void): void {
    const items = what.items.map((item) => (item.kind === 'sample' ? this.#clean(item) : item));
    this.#waiting.push({ items, lagMs: what.lagMs, ack: async () => ack() });
    this.#wake();
  }

  #clean(sample: Sample): Sample {
    const { status } = sample;
    return status === undefined ? sample : { ...sample, status: this.#redactor.text(status) };
  }

  /** Everything that depended on it: at once, not when somebody asks. */
  #died(why: string): void {
    this.#opened = false;
    this.#child = null;
    for (const pending of [...this.#pending.values()]) pending.fail(why);
    if (this.#closed) return;
    const epoch = `gone:${this.#o.context.steadyMs()}`;
    this.#states.set('down', why, epoch);
    const { tags } = this.#o;
    if (tags.length > 0)
      this.#hand(
        { items: tags.map((tag, i) => ({ ...this.#gone(tag, why, i), epoch })), lagMs: 0 },
        () => {},
      );
  }

  #gone({ tag, type }: Tag, why: string, sequence: number): Sample {
    const nowMs = this.#o.context.nowMs();
    return {
      ...{ kind: 'sample', tag, value: null, type, quality: 'bad', status: `connector gone: ${why}` },
      ...{ atMs: nowMs, timeFrom: 'edge', receivedMs: nowMs, epoch: this.#states.now.epoch, sequence },
    };
  }
}
