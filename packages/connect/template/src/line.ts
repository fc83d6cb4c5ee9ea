import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { pause } from '@selvedge/connect';

export interface Where {
  readonly host: string;
  readonly port: number;
  readonly answerMs: number;
  /** For the connection to be taken. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** One connection on which questions are asked one after the other; silence beyond its time ends it. */
export class Line {
  readonly #socket: Socket;
  readonly #wake = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #answered: (text: string | null) => void = () => {};
  #why = 'the connection ended';

  private constructor({ host, port, signal }: Where) {
    this.#socket = createConnection({ host, port, signal, noDelay: true });
    this.#socket.on('error', (error) => {
      this.#why = error.message;
    });
    this.#socket.on('close', () => {
      this.#answered(null);
      this.#wake.abort();
    });
    createInterface({ input: this.#socket })
      .on('line', (text) => this.#answered(text))
      .on('error', () => {});
  }

  /** A line on which the equipment has answered. @throws Error where it has not, with why. */
  static async connect(where: Where): Promise<Line> {
    const line = new Line(where);
    const socket = line.#socket;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => line.#end('nobody took the connection'), where.withinMs);
      const over = () => {
        clearTimeout(timer);
        resolve();
      };
      socket.once('connect', over).once('close', over);
    });
    if ((await line.ask('PING', where.answerMs)) === null) throw new Error(line.#why);
    return line;
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  get why(): string {
    return this.#why;
  }

  /** The answer; null where the connection broke or stayed silent; `not sent` where `maySend` said no at its turn. */
  ask(text: string, withinMs: number, maySend: () => boolean = () => true): Promise<string | null> {
    const mine = this.#turn.then(() => {
      if (!this.open || !maySend()) return this.open ? 'not sent' : null;
      return new Promise<string | null>((resolve) => {
        const timer = setTimeout(() => this.#end(`no answer within ${withinMs} ms`), withinMs);
        this.#answered = (answer) => {
          clearTimeout(timer);
          this.#answered = () => {};
          resolve(answer);
        };
        this.#socket.write(`${text}\n`);
      });
    });
    this.#turn = mine;
    return mine;
  }

  /** Waits, or returns at once when the connection goes. */
  pause(ms: number): Promise<void> {
    return pause(ms, this.#wake.signal);
  }

  #end(why: string): void {
    this.#why = why;
    this.#socket.destroy(new Error(why));
  }
}
