import type { Random } from '@selvedge/models';
import { prior } from './priors.js';

/** What the machine and its thread carry from seam to seam. */
export class Machine {
  /** Stitches since the needle was changed. */
  needleStitches: number;
  /** Stitches sewn from this bobbin, how many it really holds, and how far its tension is off (ln). */
  bobbinSewn = 0;
  bobbinHolds = 0;
  bobbinSet = 0;
  /** mm of needle thread left on the spool. */
  spoolLeft = 0;
  threadLot = 0;
  friction = 0;
  /** ln of the tension: what the knob asks for, what the tensioner gives, what lint and oil add. */
  logKnob = 0;
  logTensioner = 0;
  logWander: number;

  readonly #rng: Random;

  constructor(rng: Random) {
    this.#rng = rng;
    this.needleStitches = Math.floor(rng.next() * prior('needleLife'));
    this.logWander = prior('tensionWander') * rng.normal();
    this.changeSpool();
    this.changeBobbin();
    this.spoolLeft *= rng.next();
    this.bobbinSewn = Math.floor(rng.next() * prior('bobbinStitches'));
  }

  /** 0 new .. 1. */
  get wear(): number {
    return this.needleStitches / prior('needleWearLife');
  }

  /** Share of the thread left on the bobbin, 0..1. */
  get bobbinLeft(): number {
    return Math.max(0, 1 - this.bobbinSewn / this.bobbinHolds);
  }

  /** Planned work between two seams, part of the standard work and no intervention: needle, bobbin and spool. */
  prepare(stitches: number): void {
    if (this.needleStitches >= prior('needleLife')) this.needleStitches = 0;
    const due = prior('bobbinStitches') * (1 - prior('bobbinReserve'));
    if (this.bobbinSewn + stitches > due) this.changeBobbin();
    if (this.spoolLeft < stitches * 2 * prior('stitchLength')) this.changeSpool();
    const kept = prior('tensionWanderKept');
    this.logWander =
      kept * this.logWander + Math.sqrt(1 - kept * kept) * prior('tensionWander') * this.#rng.normal();
  }

  changeBobbin(): void {
    this.bobbinSewn = 0;
    this.bobbinHolds = prior('bobbinStitches') * (1 + prior('bobbinFillShare') * this.#rng.normal());
    this.bobbinSet = prior('bobbinSetShare') * this.#rng.normal();
  }

  /** Each spool is taken from another lot. */
  changeSpool(): void {
    this.threadLot++;
    this.spoolLeft = 1000 * prior('spoolLength');
    this.friction = prior('friction') * (1 + prior('frictionLotShare') * this.#rng.normal());
  }

  /** One stitch of wear, thread and tensioner; true where the bobbin is empty. */
  advance(threadMm: number): boolean {
    this.needleStitches++;
    this.bobbinSewn++;
    this.spoolLeft -= threadMm;
    this.logTensioner += (this.logKnob - this.logTensioner) / prior('actuatorLag');
    return this.bobbinSewn > this.bobbinHolds;
  }
}
