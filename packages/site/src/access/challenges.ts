import { newSecret } from './credentials-file.js';

const GOOD_FOR_MS = 300_000;
const MOST = 20_000;

export interface Challenges {
  /** 256 random bits, good once for `purpose`. */
  make(purpose: string): string;
  /** True once, where it was made for the purpose less than five minutes ago. */
  take(challenge: string, purpose: string): boolean;
}

/** What passkeys sign. Kept in memory: after a restart the browser asks again. When full, the oldest goes. */
export function createChallenges(steadyMs: () => number): Challenges {
  const open = new Map<string, { purpose: string; endsMs: number }>();
  return {
    make(purpose) {
      const challenge = newSecret();
      open.set(challenge, { purpose, endsMs: steadyMs() + GOOD_FOR_MS });
      for (const [key, { endsMs }] of open) {
        if (endsMs > steadyMs() && open.size <= MOST) break;
        open.delete(key);
      }
      return challenge;
    },
    take(challenge, purpose) {
      const found = open.get(challenge);
      if (found === undefined || found.purpose !== purpose) return false;
      open.delete(challenge);
      return found.endsMs > steadyMs();
    },
  };
}
