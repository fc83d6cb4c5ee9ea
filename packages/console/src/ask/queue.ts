import type { Answered, Question } from '@selvedge/core/records';

/**
 * The questions before one person. Pure: what the server says and what the person does come in, the next state
 * comes out. The question on the screen is never changed under a finger: it goes only when it was answered, when
 * its deadline passed, or when the server no longer has it.
 */
export interface Queue {
  /** Open ones, soonest deadline first, without those that were answered here. */
  readonly waiting: readonly Question[];
  /** The one on the screen, and since when (server's epoch ms). */
  readonly current: { readonly question: Question; readonly shownAt: number } | null;
  /** Answered here and not yet gone from the server's list. */
  readonly sent: readonly Sent[];
  /** The last answer: what may be undone and what is shown afterwards. */
  readonly last: Last | null;
  /** A question that came back: a list that the server made before must not take it away again. */
  readonly returned: { readonly id: string; readonly until: number } | null;
  /** What went wrong or passed by, to be said once. */
  readonly note: Note | null;
}

interface Sent {
  readonly question: Question;
  readonly label: string;
  /** True once the server has taken it. */
  readonly taken: boolean;
}

export interface Last {
  readonly question: Question;
  readonly label: string;
  readonly answered: Answered | null;
}

export type Note =
  | { readonly kind: 'failed' | 'undo-failed'; readonly unit: string; readonly why: string }
  | { readonly kind: 'overdue'; readonly unit: string; readonly otherwise: Question['otherwise'] }
  | { readonly kind: 'elsewhere' | 'undone'; readonly unit: string };

export const EMPTY: Queue = { waiting: [], current: null, sent: [], last: null, returned: null, note: null };

/** A glove bounces: an answer that soon after a question appeared was meant for the one before, ms. */
export const BOUNCE_MS = 300;

/** A list that is older than this was asked for before the question came back, ms. */
const RETURN_MS = 3000;

/** The server's list, asked for at some time before `now`. */
export function listed(queue: Queue, questions: readonly Question[], now: number): Queue {
  const ids = new Set(questions.map(({ id }) => id));
  // An answer that the server has taken is remembered until its question is off the list.
  const sent = queue.sent.filter(({ question, taken }) => !taken || ids.has(question.id));
  const here = new Set(sent.map(({ question }) => question.id));
  const waiting = questions.filter(({ id, deadlineAtMs }) => !here.has(id) && deadlineAtMs > now);
  const { current } = queue;
  if (current !== null && !waiting.some(({ id }) => id === current.question.id)) {
    const { question } = current;
    const back = queue.returned?.id === question.id && now < queue.returned.until;
    if (back && question.deadlineAtMs > now) return { ...queue, sent, waiting: [question, ...waiting] };
    const passed = current.question.deadlineAtMs <= now;
    const { unit, otherwise } = current.question;
    const note: Note = passed ? { kind: 'overdue', unit, otherwise } : { kind: 'elsewhere', unit };
    return next({ ...queue, sent, waiting, note }, now);
  }
  return current === null ? next({ ...queue, sent, waiting }, now) : { ...queue, sent, waiting };
}

/** Time has passed: a question beyond its deadline can no longer be answered. */
export function ticked(queue: Queue, now: number): Queue {
  const { current } = queue;
  if (current === null || current.question.deadlineAtMs > now) return queue;
  const { unit, otherwise } = current.question;
  const waiting = queue.waiting.filter(({ deadlineAtMs }) => deadlineAtMs > now);
  return next({ ...queue, waiting, note: { kind: 'overdue', unit, otherwise } }, now);
}

/** The person's answer; null where it must not count (nothing asked, a bounce, a label that is no choice). */
export function answer(queue: Queue, label: string, now: number): Queue | null {
  const { current } = queue;
  if (current === null || now - current.shownAt < BOUNCE_MS || current.question.deadlineAtMs <= now)
    return null;
  const { question } = current;
  if (!question.choices.some((choice) => choice.label === label)) return null;
  const waiting = queue.waiting.filter(({ id }) => id !== question.id);
  const sent = [...queue.sent, { question, label, taken: false }];
  return next({ ...queue, waiting, sent, last: { question, label, answered: null }, note: null }, now);
}

/** The server took an answer and says what the model thought. */
export function taken(queue: Queue, id: string, answered: Answered): Queue {
  const sent = queue.sent.map((one) => (one.question.id === id ? { ...one, taken: true } : one));
  const last = queue.last?.question.id === id ? { ...queue.last, answered } : queue.last;
  return { ...queue, sent, last };
}

/** An answer did not arrive or was refused; the question comes back while it is open. */
export function failed(queue: Queue, id: string, why: string, now: number): Queue {
  const found = queue.sent.find(({ question }) => question.id === id);
  if (!found) return queue;
  const note: Note = { kind: 'failed', unit: found.question.unit, why };
  return { ...back(queue, found.question, now, false), note };
}

/** The person takes the last answer back: its question is on the screen again. */
export function undone(queue: Queue, id: string, now: number): Queue {
  // The server may have taken it off its list already: then only the last answer still knows it.
  const known = [queue.last, ...queue.sent];
  const question = known.find((one) => one?.question.id === id)?.question;
  if (!question) return queue;
  return { ...back(queue, question, now, true), note: { kind: 'undone', unit: question.unit } };
}

/** The server would not undo it: the answer stands. */
export function undoRefused(queue: Queue, unit: string, why: string): Queue {
  return { ...queue, note: { kind: 'undo-failed', unit, why } };
}

function back(queue: Queue, question: Question, now: number, front: boolean): Queue {
  const sent = queue.sent.filter((one) => one.question.id !== question.id);
  const last = queue.last?.question.id === question.id ? null : queue.last;
  if (question.deadlineAtMs <= now) return { ...queue, sent, last };
  const waiting = [question, ...queue.waiting.filter(({ id }) => id !== question.id)].sort(sooner);
  const current = front || queue.current === null ? { question, shownAt: now } : queue.current;
  return { ...queue, sent, last, waiting, current, returned: { id: question.id, until: now + RETURN_MS } };
}

function next(queue: Queue, now: number): Queue {
  const [first] = queue.waiting;
  return { ...queue, current: first ? { question: first, shownAt: now } : null };
}

const sooner = (a: Question, b: Question) => a.deadlineAtMs - b.deadlineAtMs || (a.id < b.id ? -1 : 1);
