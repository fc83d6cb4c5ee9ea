import type { Command, Receipt } from '../contract/command.js';
import { type Scalar, sameValue, type Value } from '../contract/value.js';
import type { Refusal, Standing } from './guard.js';
import type { WriteRule } from './rule.js';

/** Why a standing does not carry a command; null where it does. */
export function standingRefusal(
  standing: Standing | null,
  command: Command,
  rule: WriteRule,
): Refusal | null {
  if (standing === null || !carries(standing.authority, rule)) return 'no-authority';
  if (standing.authority === 'person') return null;
  if (standing.release !== command.release) return 'release-not-signed';
  return rule.releases !== 'any' && !rule.releases.includes(command.release) ? 'release-not-listed' : null;
}

/** A receipt of a connector that somebody else made: one that says nothing clear leaves everything open. */
export function understood(id: string, receipt: Receipt): Receipt {
  const { outcome } = receipt;
  // What came late for a former command, or was made up, says nothing of this one.
  if (receipt.id !== id)
    return {
      id,
      outcome: 'unknown',
      why: `the connector answered for another command: ${String(receipt.id)}`,
    };
  if (outcome === 'done' || outcome === 'refused' || outcome === 'unknown')
    return { ...receipt, why: String(receipt.why ?? '') };
  return { id, outcome: 'unknown', why: `the connector gave no outcome: ${String(outcome)}` };
}

/** `act` carries everything but safety; a stop may be added by whoever may dismiss. A person carries all. */
function carries(authority: Standing['authority'], rule: WriteRule): boolean {
  if (authority === 'person') return true;
  if (rule.safety) return rule.does === 'add-stop' && authority !== 'none' && authority !== 'advise';
  if (rule.does === 'add-stop') return authority !== 'none' && authority !== 'advise';
  return authority === rule.does;
}

/**
 * A command as it is judged and sent: a copy that nobody changes between the two. A zero with a sign is a plain one:
 * registers and texts tell the two apart, bounds do not.
 */
export function own(command: Command): Command {
  return Object.freeze({ ...command, value: command.value === 0 ? 0 : command.value });
}

/** Inside the range, or one of the values; NaN and infinities are neither. */
export function allowed(rule: WriteRule, value: Scalar): boolean {
  if (rule.stop !== undefined && sameValue(value, rule.stop)) return true;
  if (rule.values?.some((one) => sameValue(one, value)) === true) return true;
  if (
    rule.pattern !== undefined &&
    typeof value === 'string' &&
    new RegExp(`^(?:${rule.pattern})$`, 'u').test(value)
  )
    return true;
  const [least, most] = rule.range ?? [1, 0];
  return typeof value === 'number' && value >= least && value <= most;
}

export function within(held: Value, wanted: Scalar, tolerance: number): boolean {
  return typeof held === 'number' && typeof wanted === 'number'
    ? Math.abs(held - wanted) <= tolerance + Math.abs(wanted) * 1e-6
    : sameValue(held, wanted);
}
