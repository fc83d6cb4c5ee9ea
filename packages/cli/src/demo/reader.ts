import { LedgerReader } from '@selvedge/pack-seat-sewing';
import { choiceOf } from './sewing-site.js';
import type { SiteClient } from './site-client.js';

/** Somebody who answers what nobody else took, with the truth of the line's own record. Labelled wherever it counts. */
export class DemoReader {
  answered = 0;
  /** Questions whose answer was not taken, or whose unit the line does not know. */
  failed = 0;
  readonly #client: SiteClient;
  readonly #ledger: LedgerReader;
  readonly #afterMs: number;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #truth = new Map<string, string>();

  /** @param afterMs whoever sits at a tablet comes first for so long. */
  constructor(options: {
    readonly client: SiteClient;
    readonly lineFolder: string;
    readonly afterMs: number;
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
    const due = questions.filter(({ askedAtMs }) => Date.now() - askedAtMs >= this.#afterMs);
    if (due.some(({ unit }) => !this.#truth.has(unit)))
      for (const row of this.#ledger.rows()) if (row.kind === 'made') this.#truth.set(row.unit, row.label);
    await Promise.all(
      due.map(async ({ id, unit }) => {
        const label = this.#truth.get(unit);
        // A unit that came in place of another one has no truth: its deadline decides.
        if (label === undefined) return;
        const answer = { label: choiceOf(label), by: 'api', tookMs: this.#afterMs };
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
}
