import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Value } from '@selvedge/connect';
import { prior } from '../priors.js';
import type { Face } from './face.js';
import type { Ledger, Told } from './ledger.js';
import type { Place } from './line-tags.js';

/** A cover as it is shown to a site. */
export interface Shown {
  readonly unit: string;
  readonly place: Place;
  /** Tags below the place and settings, without the trigger. */
  readonly values: Readonly<Record<string, Value>>;
  /** What settings did is told once: shown again it proves nothing. */
  readonly again: Readonly<Record<string, Value>>;
}

export interface CoverDeskOptions {
  readonly machine: string;
  readonly face: Pick<Face, 'set'>;
  readonly ledger: Ledger;
  /** Folder of the rack. */
  readonly folder: string;
  /** A cover without a verdict goes to the rack after so long, so that the machine can go on. */
  readonly patienceMs: number;
  /** A cover on the rack is shown again after so long. */
  readonly againMs: number;
  readonly steadyMs: () => number;
}

interface Racked {
  readonly cover: Shown;
  shownMs: number;
}

const WORD = /^(\S+) (pass|reject|hold|divert)$/;
/** How often it is looked whether a verdict has come. */
const LOOK_MS = 5;

/**
 * Where finished covers wait for what becomes of them. One is shown at a time, until it has a verdict or the machine's
 * patience is over; then it lies on the rack and no other cover is released in its place. Nothing leaves without a verdict.
 */
export class CoverDesk {
  readonly #o: CoverDeskOptions;
  readonly #rack = new Map<string, Racked>();
  /** The last word on every cover that was shown; null: none yet. */
  readonly #told = new Map<string, Told | null>();
  readonly #cycle: Record<Place, number> = { seam: 0, tear: 0 };
  #rework: { readonly type: string; readonly seconds: number }[] = [];
  #shown: string | null = null;

  constructor(options: CoverDeskOptions) {
    this.#o = options;
    const { ledger, machine, folder } = options;
    for (const row of ledger.rows) {
      if (row.machine !== machine) continue;
      if (row.kind === 'made' || row.kind === 'shown-again') {
        const place = row.safety ? 'tear' : 'seam';
        this.#cycle[place] = Math.max(this.#cycle[place], row.cycle);
      }
      if (row.kind === 'made') this.#told.set(row.unit, null);
      if (row.kind === 'told') this.#told.set(row.unit, row.verdict);
    }
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder).sort()) {
      const cover = revived(readFileSync(join(folder, name), 'utf8'));
      // What a kill cut short was never shown; what has its verdict needs no place.
      if (cover === null || this.#told.get(cover.unit) !== null) rmSync(join(folder, name));
      else this.#rack.set(cover.unit, { cover, shownMs: Number.NEGATIVE_INFINITY });
    }
    this.#o.face.set(
      Object.fromEntries((['seam', 'tear'] as const).map((place) => [`${place}/cycle`, this.#cycle[place]])),
    );
  }

  /** Covers without a verdict. */
  get waiting(): number {
    return this.#rack.size;
  }

  /** Sewing anew that was ordered since the last call: told with the next cover. */
  takeRework(): { readonly type: string; readonly seconds: number }[] {
    const taken = this.#rework;
    this.#rework = [];
    return taken;
  }

  /** Number that the next cover of a place is shown as. */
  nextCycle(place: Place): number {
    return this.#cycle[place] + 1;
  }

  /** Puts the cover on the rack's disk, before the ledger says that it is made. */
  keep(cover: Shown): void {
    writeFileSync(this.#file(cover.unit), dried(cover));
  }

  /** Shows a cover that the ledger has; true where its verdict came in time. */
  async show(cover: Shown, signal: AbortSignal): Promise<boolean> {
    this.#told.set(cover.unit, this.#told.get(cover.unit) ?? null);
    this.#rack.set(cover.unit, { cover, shownMs: this.#o.steadyMs() });
    if (await this.#put(cover, cover.values, signal)) return true;
    this.#o.ledger.write(this.#o.machine, { kind: 'held', unit: cover.unit });
    return false;
  }

  /** Shows one cover of the rack again whose time has come; false where there is none, or it has no verdict yet. */
  async showAgain(signal: AbortSignal, afterMs = this.#o.againMs): Promise<boolean> {
    const { ledger, machine, steadyMs } = this.#o;
    // The one that was shown longest ago: those that nobody may tell any more would keep all others waiting.
    const [due] = [...this.#rack.values()].sort((a, b) => a.shownMs - b.shownMs);
    if (due === undefined || steadyMs() - due.shownMs < afterMs) return false;
    const { cover } = due;
    due.shownMs = steadyMs();
    const cycle = this.nextCycle(cover.place);
    ledger.write(machine, { kind: 'shown-again', unit: cover.unit, safety: cover.place === 'tear', cycle });
    return this.#put(cover, { ...cover.values, ...cover.again }, signal);
  }

  /** A verdict from the site: true where it is taken, else why not. */
  verdict(place: Place, text: string): true | string {
    const { ledger, machine } = this.#o;
    const refuse = (why: string): string => {
      ledger.write(machine, { kind: 'refused', tag: `${place}/verdict`, value: text, why });
      return why;
    };
    const found = WORD.exec(text);
    if (found === null) return refuse('no verdict');
    const [, unit = '', word] = found;
    const verdict = word as Told;
    const before = this.#told.get(unit);
    if (before === undefined) return refuse('no such cover');
    // A hold may be lifted; what left the machine cannot be called back.
    if (before !== null && before !== 'hold') return refuse(`it was told ${before} before`);
    const racked = this.#rack.get(unit);
    if (racked !== undefined && racked.cover.place !== place) return refuse('a cover of another place');
    ledger.write(machine, { kind: 'told', unit, verdict, late: this.#shown !== unit });
    this.#told.set(unit, verdict);
    this.#rack.delete(unit);
    rmSync(this.#file(unit), { force: true });
    if (verdict === 'reject') {
      const seconds = prior('resewSeconds');
      this.#rework.push({ type: 'rework', seconds });
      ledger.write(machine, { kind: 're-sewn', unit, seconds });
    }
    return true;
  }

  async #put(
    { unit, place }: Shown,
    values: Readonly<Record<string, Value>>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { face, patienceMs, steadyMs } = this.#o;
    this.#cycle[place] += 1;
    this.#shown = unit;
    face.set({ ...values, [`${place}/cycle`]: this.#cycle[place] });
    const untilMs = steadyMs() + patienceMs;
    while (this.#told.get(unit) === null && steadyMs() < untilMs && !signal.aborted) await wait(LOOK_MS);
    this.#shown = null;
    return this.#told.get(unit) !== null;
  }

  #file(unit: string): string {
    return join(this.#o.folder, `${unit}.json`);
  }
}

/** Bytes as base64: JSON has none. */
function dried(cover: Shown): string {
  return JSON.stringify(cover, (_key, value: unknown) => {
    return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
  });
}

function revived(text: string): Shown | null {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      if ('base64' in value && typeof value.base64 === 'string')
        return new Uint8Array(Buffer.from(value.base64, 'base64'));
      return value;
    }) as Shown;
  } catch {
    return null;
  }
}
