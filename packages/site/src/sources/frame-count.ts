import type { Journal } from '@selvedge/store';
import { type Heart, type Part, pause } from '../live/supervisor.js';

/** What comes late over a network fills its gap within this; then it counts as dropped. */
const LATE_MS = 2000;
/** A number that is so far below the last one is no late frame: the camera counts anew. */
const LATE_FRAMES = 1000;
/** Units among which the last frame of each camera is looked for after a restart. */
const LOOKED_AT = 1000;
/** Rows about dropped frames in one run of the site; all are counted. */
const MOST_NOTES = 200;

export interface FrameCountOptions {
  readonly station: string;
  readonly journal: Journal;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly lateMs?: number;
}

/** A frame as its camera numbers it; `camera` tells several of one station apart. */
export interface FrameOf {
  readonly camera: string;
  readonly frame: number;
}

interface Gap {
  readonly camera: string;
  readonly after: number;
  readonly before: number;
  /** Numbers that may still come; null: too many to be late. */
  readonly open: Set<number> | null;
  readonly timer: NodeJS.Timeout;
}

/**
 * Follows the numbers of the frames that a station is brought. A number that never came is a dropped frame, and with it a
 * unit that nobody has seen: it is counted, written down and shown, and a person sees to it. After a restart it goes on
 * from the units in the journal, so that what was dropped meanwhile is counted too.
 */
export class FrameCount {
  readonly #o: FrameCountOptions;
  readonly #last = new Map<string, number>();
  readonly #gaps = new Set<Gap>();
  readonly #dropped = new Map<string, number>();
  #heart: Heart | null = null;
  #notes = 0;

  constructor(options: FrameCountOptions) {
    this.#o = options;
    const rows = options.journal.db
      .prepare('SELECT context FROM unit WHERE station = ? ORDER BY seq DESC LIMIT ?')
      .all(options.station, LOOKED_AT);
    for (const { context } of rows) {
      const { frame, camera } = JSON.parse(String(context)) as Record<string, unknown>;
      const of = typeof camera === 'string' ? camera : '';
      if (typeof frame === 'number' && !this.#last.has(of)) this.#last.set(of, frame);
    }
  }

  /** Frames that never came since the start. */
  get dropped(): number {
    return [...this.#dropped.values()].reduce((sum, n) => sum + n, 0);
  }

  /** A unit that was not here before has come with this frame; the journal has it. */
  take({ camera, frame }: FrameOf): void {
    const last = this.#last.get(camera);
    if (last === undefined || frame === last + 1) {
      this.#last.set(camera, frame);
      return;
    }
    if (frame > last) {
      this.#last.set(camera, frame);
      this.#gap(camera, last, frame);
      return;
    }
    for (const gap of this.#gaps)
      if (gap.camera === camera && gap.open?.delete(frame) === true) {
        if (gap.open.size === 0) this.#close(gap);
        return;
      }
    const anew = last - frame >= LATE_FRAMES;
    if (anew) this.#last.set(camera, frame);
    void this.#tell(
      anew
        ? `${camera === '' ? 'the camera' : camera} counts anew: frame ${frame} came after ${last}`
        : `frame ${frame}${nameOf(camera)} came after frame ${last}, and not in its place`,
    );
  }

  /** Shown among the troubles of its station while the site runs. */
  part(): Part {
    const { station } = this.#o;
    return {
      name: `frames ${station}`,
      station,
      run: async (heart) => {
        this.#heart = heart;
        this.#show();
        while (!heart.signal.aborted) await pause(3_600_000, heart.signal);
        await Promise.all([...this.#gaps].map((gap) => this.#over(gap)));
        this.#heart = null;
      },
    };
  }

  #gap(camera: string, after: number, before: number): void {
    const n = before - after - 1;
    const open = n > LATE_FRAMES ? null : new Set(Array.from({ length: n }, (_, i) => after + 1 + i));
    const timer = setTimeout(() => void this.#over(gap), this.#o.lateMs ?? LATE_MS);
    timer.unref();
    const gap: Gap = { camera, after, before, open, timer };
    this.#gaps.add(gap);
  }

  #close(gap: Gap): void {
    clearTimeout(gap.timer);
    this.#gaps.delete(gap);
  }

  /** Nothing of it comes any more. */
  async #over(gap: Gap): Promise<void> {
    this.#close(gap);
    const { camera, after, before, open } = gap;
    const n = open?.size ?? before - after - 1;
    this.#dropped.set(camera, (this.#dropped.get(camera) ?? 0) + n);
    this.#show();
    await this.#tell(
      `${n} of the frames between ${after} and ${before}${nameOf(camera)} never came: as many units were seen by nobody`,
    );
  }

  #show(): void {
    for (const [camera, n] of this.#dropped)
      this.#heart?.trouble(
        `dropped ${camera}`,
        `${n} frames${nameOf(camera)} were dropped since the site started: as many units were seen by nobody`,
      );
  }

  async #tell(why: string): Promise<void> {
    const { station, log } = this.#o;
    log('frames', { station, why });
    this.#notes += 1;
    if (this.#notes <= MOST_NOTES) await this.#heart?.note(why);
  }
}

const nameOf = (camera: string): string => (camera === '' ? '' : ` of ${camera}`);
