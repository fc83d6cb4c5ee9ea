import { prior } from './priors.js';

/** An act of a person that was not in the standard work, with the seconds it took. */
export interface SeamIntervention {
  readonly type: 'realign' | 'tension' | 'rethread' | 'bobbin' | 're-sew';
  readonly seconds: number;
}

/** The person at the machine: sees what is off for long enough, and acts. */
export class Person {
  #lockStitches = 0;
  #lineStitches = 0;
  #gapStitches = 0;

  /** Looks at one stitch. Returns the acts that it makes necessary, in order. */
  watch(stitch: {
    /** Lock point off the middle, share of thickness. */
    readonly lockOff: number;
    /** mm beside the line. */
    readonly lineOff: number;
    /** Without a lock, and why. */
    readonly gap: 'broken' | 'bobbin' | null;
  }): SeamIntervention['type'][] {
    const acts: SeamIntervention['type'][] = [];
    this.#gapStitches = stitch.gap === null ? 0 : this.#gapStitches + 1;
    if (this.#gapStitches >= prior('personSeesGap')) {
      this.#gapStitches = 0;
      acts.push(stitch.gap === 'bobbin' ? 'bobbin' : 'rethread');
    }
    this.#lockStitches = seen(this.#lockStitches, Math.abs(stitch.lockOff) > prior('personSeesLock'));
    if (this.#lockStitches >= prior('personSeesLockStitches')) {
      this.#lockStitches = 0;
      acts.push('tension');
    }
    this.#lineStitches = seen(this.#lineStitches, Math.abs(stitch.lineOff) > prior('personSeesLine'));
    if (this.#lineStitches >= prior('personSeesLineStitches')) {
      this.#lineStitches = 0;
      acts.push('realign');
    }
    return acts;
  }

  /** A new seam lies under the foot: the line is looked at anew, the look of the thread stays in mind. */
  nextSeam(): void {
    this.#lineStitches = 0;
    this.#gapStitches = 0;
  }
}

/** A single stitch that looks right does not undo what was seen before. */
const seen = (stitches: number, off: boolean): number => (off ? stitches + 1 : Math.max(0, stitches - 1));

const SECONDS = {
  realign: 'realignSeconds',
  tension: 'tensionSeconds',
  rethread: 'rethreadSeconds',
  bobbin: 'bobbinSeconds',
  're-sew': 'resewSeconds',
} as const;

export const intervention = (type: SeamIntervention['type']): SeamIntervention => ({
  type,
  seconds: prior(SECONDS[type]),
});
