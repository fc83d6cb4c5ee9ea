import { type Answered, answeredSchema, type Question } from '@selvedge/core/records';
import { anything, type Client, type Fault } from '../api/client.js';
import { afterSchema, DO } from '../api/paths.js';
import { createStore, type Store } from '../live/store.js';
import type { Observations } from './observations.js';
import { answer, EMPTY, failed, listed, type Queue, taken, ticked, undone, undoRefused } from './queue.js';

export type After = Answered['after'];
type By = 'touch' | 'keyboard' | 'pedal';

/** The questions before one person, with what goes to the server and comes back. */
export interface Asking {
  readonly queue: Store<Queue>;
  /** The model's view that was asked for before the answer. */
  readonly helped: Store<{ readonly question: string; readonly after: After } | null>;
  readonly undoing: Store<boolean>;
  listed(questions: readonly Question[]): void;
  tick(): void;
  /** An answer; the next question is on the screen when this returns. */
  choose(label: string, by: By): void;
  undo(): Promise<void>;
  /** Null when it was shown. */
  help(): Promise<Fault | null>;
}

/** Questions whose observation is fetched ahead, beside the one on the screen. */
const AHEAD = 3;

export function createAsking({
  client,
  now,
  observations,
  said,
}: {
  client: Pick<Client, 'send'>;
  /** The server's epoch ms. */
  now: () => number;
  observations: Observations;
  said: (fault: Fault) => string;
}): Asking {
  const queue = createStore<Queue>(EMPTY);
  const helped = createStore<{ question: string; after: After } | null>(null);
  const undoing = createStore(false);
  const underWay = new Map<string, Promise<boolean>>();

  const set = (next: Queue) => {
    queue.set(next);
    for (const { unit } of next.waiting.slice(0, AHEAD + 1)) observations.of(unit);
  };

  const send = async (question: Question, label: string, by: By, tookMs: number): Promise<boolean> => {
    const body = { label, by, tookMs };
    const result = await client.send(DO.answer(question.id), body, answeredSchema);
    if (result.ok) set(taken(queue.get(), question.id, result.value));
    else set(failed(queue.get(), question.id, said(result.fault), now()));
    return result.ok;
  };

  return {
    queue,
    helped,
    undoing,
    listed: (questions) => set(listed(queue.get(), questions, now())),
    tick: () => {
      const before = queue.get();
      const after = ticked(before, now());
      if (after !== before) set(after);
    },
    choose(label, by) {
      const before = queue.get();
      const at = now();
      const after = answer(before, label, at);
      if (after === null || before.current === null) return;
      const { question, shownAt } = before.current;
      set(after);
      helped.set(null);
      underWay.set(
        question.id,
        send(question, label, by, at - shownAt).finally(() => underWay.delete(question.id)),
      );
    },
    async undo() {
      const { last } = queue.get();
      if (last === null || undoing.get()) return;
      if (last.answered !== null && last.answered.undoUntilMs <= now()) return;
      undoing.set(true);
      // What has not arrived yet cannot be undone, and what did not arrive needs no undoing.
      const arrived = (await underWay.get(last.question.id)) ?? true;
      if (arrived) {
        const result = await client.send(DO.undo(last.question.id), {}, anything);
        if (result.ok) {
          // What came after the first answer has been seen: the second one is asked with it in view.
          const seen = queue.get().last?.answered ?? null;
          set(undone(queue.get(), last.question.id, now()));
          if (seen !== null) helped.set({ question: last.question.id, after: seen.after });
        } else set(undoRefused(queue.get(), last.question.unit, said(result.fault)));
      }
      undoing.set(false);
    },
    async help() {
      const { current } = queue.get();
      if (current === null) return null;
      const result = await client.send(DO.help(current.question.id), {}, afterSchema);
      if (!result.ok) return result.fault;
      helped.set({ question: current.question.id, after: result.value });
      return null;
    },
  };
}
