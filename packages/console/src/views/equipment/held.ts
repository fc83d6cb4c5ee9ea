import type { TextKey } from '../../language/texts.js';
import type { Words } from '../../language/use-words.js';
import { sentence } from '../../parts/sentence.js';

/** Why a guard did not send a write, by its code; a test holds that every code of the guard is here. */
export const HELD: Readonly<Record<string, TextKey>> = {
  ...{ 'mode-off': 'heldOff', 'mode-shadow': 'heldShadow', 'mode-advise': 'heldAdvise' },
  ...{ 'not-listed': 'heldNotListed', 'gate-not-listed': 'heldGate', 'release-not-listed': 'heldRelease' },
  ...{ 'no-authority': 'heldAuthority', 'release-not-signed': 'heldModel' },
  ...{ 'safety-stop-only': 'heldSafety', 'out-of-range': 'heldRange' },
  ...{
    duplicate: 'heldDuplicate',
    'too-late': 'heldLate',
    busy: 'heldBusy',
    'doubt-open': 'heldDoubt',
    'too-soon': 'heldSoon',
  },
  ...{ 'link-down': 'heldDown', 'interlock-unknown': 'heldLockUnknown', 'interlock-bad': 'heldLockBad' },
  ...{ 'interlock-stale': 'heldLockStale', 'interlock-open': 'heldLockOpen' },
  ...{ 'held-unknown': 'heldNotKnown', 'step-too-large': 'heldStep', 'expect-differs': 'heldDiffers' },
  ...{ 'no-lease': 'heldNoLease', 'lease-not-yet': 'heldLeaseSoon', 'lease-expired': 'heldLeaseOver' },
  ...{ 'outside-lease': 'heldLeaseBounds', 'lease-step': 'heldLeaseStep', 'lease-rate': 'heldLeaseRate' },
  ...{ 'epoch-changed': 'heldEpoch', 'not-journaled': 'heldJournal', 'link-refused': 'heldLink' },
  'not-judged': 'heldNotJudged',
  // Said by the gate of a setting, before the guard is asked.
  shadow: 'heldGateShadow',
};

/** True where the guard says so, and not the equipment. */
export const isHeld = (why: string): boolean => Object.hasOwn(HELD, why);

/** Why a write went as it did: a code of the guard, or what the equipment said. Empty where nothing was said. */
export function whyInWords(why: string, { t, said }: Words): string {
  const key = isHeld(why) ? HELD[why] : undefined;
  return sentence(key === undefined ? said(why) : t(key));
}
