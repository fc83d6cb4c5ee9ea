import type { Question } from '@selvedge/core/records';
import { LedgerReader } from '@selvedge/pack-seat-sewing';
import { choiceOf } from './sewing-site.js';
import type { SiteClient } from './site-client.js';

/** Time in ms that is left to whoever sits at a tablet; the truth of the unit is the reader's own. */
export type Leaves = number | ((question: Question, truth: string | undefined) => number);

/** Somebody who answers what nobody else took, with the truth of the line's own record. Labelled wherever it counts. */
export class DemoReader {
  answered = 0;
  /** Questions whose answer was not taken, or whose unit the line does not know. */
  failed = 0;
  readonly #client: SiteClient;
  readonly #ledger: LedgerReader;
  readonly #afterMs: Leaves;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #truth = new Map<string, string>();

  constructor(options: {
    readonly client: SiteClient;
    readonly lineFolder: string;
    readonly afterMs: Leaves;
  }) {
    this.#client = options.client;
    this.#ledger = new LedgerReader(options.lineFolder);
    this.#afterMs = options.afterMs;
  }

  start(): void {
    this.#running = (async () => {
      while (!this.#stopped) {
        await this.look().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Answers what waits long enough. */
  async look(): Promise<void> {
    const questions = await this.#client.questions();
    if (questions.some(({ unit }) => !this.#truth.has(unit)))
      for (const row of this.#ledger.rows()) if (row.kind === 'made') this.#truth.set(row.unit, row.label);
    const due = questions.filter(
      (one) => Date.now() - one.askedAtMs >= this.#leaves(one, this.#truth.get(one.unit)),
    );
    await Promise.all(
      due.map(async ({ id, unit, askedAtMs }) => {
        const label = this.#truth.get(unit);
        // A unit that came in place of another one has no truth: its deadline decides.
        if (label === undefined) return;
        const tookMs = Math.max(0, Date.now() - askedAtMs);
        const answer = { label: choiceOf(label), by: 'api', tookMs };
        await this.#client.post(`/api/questions/${encodeURIComponent(id)}/answer`, answer).then(
          () => {
            this.answered += 1;
          },
          () => {
            this.failed += 1;
          },
        );
      }),
    );
  }

  #leaves(question: Question, truth: string | undefined): number {
    return typeof this.#afterMs === 'number' ? this.#afterMs : this.#afterMs(question, truth);
  }
}
