import { excerpt, recordOf } from './json.js';

/**
 * Reads the score out of what a language model wrote: one JSON object `{"score": 0..1, …}`, with or without prose, fences or
 * reasoning around it. Several objects are read only where they say the same; nothing is clamped, completed or guessed.
 * @throws Error with the first 200 characters of what it wrote.
 */
export function spokenScore(written: string): number {
  const refuse = (why: string): Error => new Error(`${why}: ${excerpt(written)}`);
  const said = withoutReasoning(written);
  if (said === null) throw refuse('it was still thinking when it ended');
  const scores = new Set<number>();
  for (const found of objectsIn(said)) {
    const keys = found.match(/"score"\s*:/g)?.length ?? 0;
    if (keys === 0) continue;
    if (keys > 1) throw refuse('it gave several scores in one answer');
    let value: unknown;
    try {
      value = JSON.parse(found);
    } catch {
      throw refuse('its answer is no JSON');
    }
    const score = numberOf(recordOf(value)?.score);
    if (score === null) throw refuse('its score is no number between 0 and 1');
    scores.add(score);
  }
  const [only] = scores;
  if (only === undefined) throw refuse('it gave no JSON with a score');
  if (scores.size > 1) throw refuse('it gave several scores that differ');
  return only;
}

/** A number in 0..1, or the same written as text; no per cent, no comma, no words. */
function numberOf(value: unknown): number | null {
  const number =
    typeof value === 'string' && /^\s*\d*\.?\d+(?:e-?\d+)?\s*$/i.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= 1 ? number : null;
}

/**
 * What stands outside of `<think>…</think>`. Some templates begin inside of it: then what follows the last end is the answer.
 * Null where reasoning began and never ended.
 */
function withoutReasoning(written: string): string | null {
  const outside = written.replace(/<(think|thinking|reasoning)>[\s\S]*?<\/\1>/gi, ' ');
  const after = outside.split(/<\/(?:think|thinking|reasoning)>/i).at(-1) ?? '';
  return /<(?:think|thinking|reasoning)>/i.test(after) ? null : after;
}

/** Stretches from a brace to the one that closes it, outermost ones; one that is never closed goes to the end. */
function objectsIn(said: string): string[] {
  const found: string[] = [];
  let from = -1;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < said.length; i++) {
    const char = said[i];
    // Quotes of prose are no strings: they count inside of an object only.
    if (quoted) {
      if (char === '\\') i += 1;
      else if (char === '"') quoted = false;
    } else if (depth > 0 && char === '"') quoted = true;
    else if (char === '{') {
      if (depth === 0) from = i;
      depth += 1;
    } else if (char === '}' && depth > 0) {
      depth -= 1;
      if (depth === 0) found.push(said.slice(from, i + 1));
    }
  }
  if (depth > 0) found.push(said.slice(from));
  return found;
}
