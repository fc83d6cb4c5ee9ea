import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Value } from '@selvedge/connect';
import type { Plant } from '../line/plant.js';
import { prior } from '../priors.js';
import { CoverDesk, type Shown } from './cover-desk.js';
import type { Face, OnWrite } from './face.js';
import { type Leave, NO_LEAVE } from './leave.js';
import type { Ledger } from './ledger.js';
import { NOT_TOLD, NOTHING_TO_COMPARE, type Place } from './line-tags.js';
import { pictureSeed, type SeamCamera } from './seam-camera.js';
import { SewingMachine, type SewnSeam, TRACES } from './sewing-machine.js';

export type MachineState = 'sewing' | 'idle' | 'standby';

export interface MachinePostOptions {
  readonly plant: Plant;
  /** Letter of the plant and number of this run, as they begin a cover's identity. */
  readonly name: string;
  /** Number of the machine in its plant, from 0; it is told as `m1`, `m2`. */
  readonly index: number;
  readonly ledger: Ledger;
  readonly folder: string;
  /** Null: no pictures. */
  readonly camera: SeamCamera | null;
  /** Seconds of the line in one second of the clock. */
  readonly speed: number;
  readonly patienceMs: number;
  readonly againMs: number;
  readonly steadyMs: () => number;
  readonly signal: AbortSignal;
}

/** Covers for which a leave lasts that is not granted anew: the machine's own dead man's handle. */
const LEAVE_COVERS = 4;
const COVER_SECONDS = prior('handling') + 300 / prior('stitchRate');
/** Least life of a leave on the clock: a fast simulation leaves the site its time. */
const LEAVE_LEAST_MS = 1500;
const TICK_MS = 20;
const TELL_LIVE_MS = 200;
const DRAIN_AGAIN_MS = 1000;
const REWORK_WAIT_MS = 50;

/** A machine on the clock: sews, shows, waits, obeys what it may obey. */
export class MachinePost {
  readonly id: string;
  readonly machine: SewingMachine;
  #face: Face | null = null;
  #desk: CoverDesk | null = null;
  readonly #o: MachinePostOptions;
  readonly #granted = { share: 0, shareUntilMs: 0, trim: 0, trimUntilMs: 0 };
  #state: MachineState = 'standby';
  #paused = false;
  #finishing = false;
  #slow = { factor: 1, seams: 0 };
  #showing: Promise<unknown> = Promise.resolve();
  /** Covers finished by this run. */
  made = 0;

  constructor(options: MachinePostOptions) {
    this.#o = options;
    this.id = `m${options.index + 1}`;
    this.machine = new SewingMachine(options.plant, options.index);
  }

  get state(): MachineState {
    return this.#state;
  }

  get waiting(): number {
    return this.#desk?.waiting ?? 0;
  }

  /** What comes over the protocol. */
  readonly onWrite: OnWrite = (tag, value) => {
    const { ledger } = this.#o;
    const refuse = (why: string): string => {
      ledger.write(this.id, { kind: 'refused', tag, value: String(value), why });
      return why;
    };
    const place = /^(seam|tear)\/verdict$/.exec(tag)?.[1] as Place | undefined;
    if (place !== undefined) return this.#desk?.verdict(place, String(value)) ?? 'not ready';
    if (typeof value !== 'number' || !Number.isFinite(value)) return refuse('no number');
    const untilMs = this.#o.steadyMs() + this.#leaveMs();
    if (tag === 'steering/share') {
      if (value < 0 || value > 1) return refuse('outside 0 to 1');
      Object.assign(this.#granted, { share: value, shareUntilMs: untilMs });
    } else if (tag === 'tension/trim') Object.assign(this.#granted, { trim: value, trimUntilMs: untilMs });
    else return refuse('may not be written');
    ledger.write(this.id, { kind: 'set', tag, value });
    return true;
  };

  attach(face: Face): void {
    const { ledger, folder, patienceMs, againMs, steadyMs } = this.#o;
    this.#face = face;
    this.#desk = new CoverDesk({
      ...{ machine: this.id, face, ledger, patienceMs, againMs, steadyMs },
      folder: `${folder}/rack-${this.id}`,
    });
  }

  pause(paused: boolean): void {
    this.#paused = paused;
  }

  /** Sews so many seams at another factor of time. */
  slow(factor: number, seams: number): void {
    if (!(factor > 0) || !(seams >= 0)) throw new RangeError('a factor above 0 and a number of seams');
    this.#slow = { factor, seams };
  }

  /** Sews no further cover, and shows what waits until nothing does. */
  finish(): void {
    this.#finishing = true;
  }

  /** Until it is told to stop. */
  async run(): Promise<void> {
    const { signal } = this.#o;
    while (!signal.aborted) {
      if (this.#finishing || this.#paused) {
        this.#state = 'standby';
        await this.#showing;
        if (!this.#finishing || !(await this.#drain())) await this.#sleep(REWORK_WAIT_MS);
        continue;
      }
      this.#state = 'idle';
      await this.#sleep((1000 * prior('handling')) / this.#o.speed);
      if (signal.aborted) return;
      await this.#cover();
    }
    await this.#showing;
  }

  async #cover(): Promise<void> {
    const { ledger, signal } = this.#o;
    const next = this.machine.next();
    const unit = `${this.#o.name}-${this.id}-${String(next.cover).padStart(5, '0')}`;
    const place: Place = next.safety ? 'tear' : 'seam';
    this.machine.start(next.safety ? NO_LEAVE : this.#leave());
    ledger.write(this.id, { kind: 'begun', unit, part: String(next.part), safety: next.safety });
    this.#state = 'sewing';
    await this.#sew(unit);
    if (signal.aborted) return;
    const seam = this.machine.finish();
    this.made += 1;
    this.#state = 'idle';
    await this.#showing;
    const desk = this.#desk;
    if (desk === null) return;
    const shown = this.#shownOf(unit, place, seam);
    desk.keep(shown);
    ledger.write(this.id, {
      ...{ kind: 'made', unit, cycle: desk.nextCycle(place), safety: seam.safety, label: seam.truth.label },
      acts: seam.acts.map(({ type, seconds }) => ({ type, seconds })),
      ...{ steering: seam.leave.steering, trim: seam.leave.trim, hide: seam.hide },
      ...{ part: seam.part, learnt: seam.learnt, spool: seam.spool },
      ...{ lockError: round(seam.truth.lockError), curveError: round(seam.truth.curveError) },
      threadLot: seam.threadLot,
      traces: createHash('sha256').update(JSON.stringify(seam.traces)).digest('hex').slice(0, 16),
    });
    this.#showing = desk.show(shown, signal).then((told) => (told ? desk.showAgain(signal) : false));
  }

  /** Stitch by stitch in the line's time; the person's acts take theirs. */
  async #sew(unit: string): Promise<void> {
    const { signal, steadyMs } = this.#o;
    const slow = this.#slow.seams > 0;
    const speed = slow ? this.#slow.factor : this.#o.speed;
    if (slow) this.#slow.seams -= 1;
    const stitchMs = 1000 / (prior('stitchRate') * speed);
    let dueMs = steadyMs();
    let toldMs = dueMs;
    for (let done = false; !done && !signal.aborted; ) {
      while (!done && dueMs <= steadyMs()) {
        const { done: last, acts } = this.machine.sew();
        done = last;
        dueMs += stitchMs + acts.reduce((ms, { seconds }) => ms + (1000 * seconds) / speed, 0);
      }
      if (done || steadyMs() - toldMs >= TELL_LIVE_MS) {
        toldMs = steadyMs();
        const { stitch, offsets, tensions } = this.machine;
        this.#face?.set({
          ...{ 'live/running': !done, 'live/stitch': stitch, 'live/unit': unit },
          'live/offset': [...offsets.subarray(0, stitch)],
          'live/tension': [...tensions.subarray(0, stitch)],
        });
      }
      if (!done) await this.#sleep(TICK_MS);
    }
  }

  #shownOf(unit: string, place: Place, seam: SewnSeam): Shown {
    const { camera, index, plant } = this.#o;
    const at = (values: Readonly<Record<string, Value>>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`${place}/${name}`, value]));
    const done = [
      ...seam.acts.map(({ type, seconds }) => ({ type, seconds })),
      ...(this.#desk?.takeRework() ?? []),
    ];
    const agreed = (one: boolean | null): number => (one === null ? NOTHING_TO_COMPARE : one ? 1 : 0);
    const told = (name: string, inForce: number, agree: boolean | null) => ({
      ...{ [`${name}/in-force`]: inForce, [`${name}/loss`]: seam.loss, [`${name}/out`]: seam.out },
      [`${name}/agreed`]: agreed(agree),
    });
    const settings =
      place === 'tear'
        ? {}
        : {
            ...told('steering', seam.leave.steering, seam.agreedSteering),
            ...told('tension', seam.leave.trim, seam.agreedTension),
            'tension/proposal': seam.proposedTrim ?? 0,
          };
    return {
      ...{ unit, place },
      values: {
        ...at({
          ...{ unit, part: seam.part, hide: `H${index + 1}-${seam.hide}`, spool: seam.spool },
          'thread-lot': `T${index + 1}-${seam.threadLot}`,
          ...Object.fromEntries(TRACES.map((name, i) => [name, seam.traces[i] ?? []])),
          picture: camera?.picture(seam, pictureSeed(plant.seed, seam.cover)) ?? new Uint8Array(),
          interventions: JSON.stringify(done),
        }),
        ...settings,
      },
      again: Object.fromEntries(
        Object.keys(settings)
          .filter((name) => /\/(in-force|agreed)$/.test(name))
          .map((name) => [name, name.endsWith('/agreed') ? NOTHING_TO_COMPARE : NOT_TOLD]),
      ),
    };
  }

  /** What may be used of what was granted: a leave that nobody renewed is none. */
  #leave(): Leave {
    const { share, shareUntilMs, trim, trimUntilMs } = this.#granted;
    const now = this.#o.steadyMs();
    return { steering: now < shareUntilMs ? share : 0, trim: now < trimUntilMs ? trim : 0 };
  }

  #leaveMs(): number {
    return Math.max(LEAVE_LEAST_MS, (1000 * LEAVE_COVERS * COVER_SECONDS) / this.#o.speed);
  }

  async #drain(): Promise<boolean> {
    return (await this.#desk?.showAgain(this.#o.signal, DRAIN_AGAIN_MS)) ?? false;
  }

  #sleep(ms: number): Promise<unknown> {
    return wait(ms, undefined, { signal: this.#o.signal }).catch(() => {});
  }
}

const round = (value: number): number => Number(value.toFixed(4));
