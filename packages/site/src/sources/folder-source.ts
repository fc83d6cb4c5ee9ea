import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteFactBody } from '@selvedge/core/records';
import { type Journal, StoreError } from '@selvedge/store';
import type { StationConfig } from '../config/site-config.js';
import type { LiveStation } from '../live/live-station.js';
import { type Heart, type Part, pause } from '../live/supervisor.js';
import type { FrameCount } from './frame-count.js';
import { type FileState, idOfName, readUnitFile, roleOf, type UnitFile, unreadable } from './unit-file.js';

/** Network folders do not notify: a look at least so often. */
const LOOK_MS = 2000;
/** A file is whole when two looks so far apart find it the same; one that cannot be read, after so many times that long. */
const SETTLE_MS = 500;
const FAULTY_LOOKS = 8;
/** Files read and offered at a time. */
const WINDOW = 8;
/** Files asked after at once. */
const AT_ONCE = 32;
/** Files taken before that are looked at again in one look. */
const AGAIN = 200;
/** Pause before a unit is offered again that the station could not take. */
const RETRY_MS = 200;
/** Rows about files that changed after they were taken, in one run of the site; all are logged. */
const MOST_NOTES = 100;

export interface FolderOptions {
  readonly station: LiveStation;
  readonly journal: Journal;
  readonly observation: StationConfig['observation'];
  readonly folder: string;
  /** File name; `*` stands for any characters. */
  readonly pattern: string;
  /** False: what is there is read once, and then the part has ended. */
  readonly watch: boolean;
  /** Where names carry the numbers of their frames: the first group of the pattern. */
  readonly frames?: { readonly count: FrameCount; readonly pattern: string } | null;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  readonly lookMs?: number;
  readonly settleMs?: number;
}

/** A file that is not taken yet, and in how many looks it was the same. */
interface Candidate extends FileState {
  readonly same: number;
  readonly seenMs: number;
}

/**
 * The files of equipment as units: each taken once it is whole, in order of time, exactly once, since the journal knows
 * which units have come. Nothing in the folder is ever written, moved or removed.
 */
export const folderPart = (options: FolderOptions): Part => ({
  name: `folder ${options.station.config.id}`,
  station: options.station.config.id,
  run: (heart) => new FolderRun(options, heart).run(),
});

class FolderRun {
  readonly #o: FolderOptions;
  readonly #heart: Heart;
  readonly #matches: RegExp;
  readonly #candidates = new Map<string, Candidate>();
  /** What was taken, as it was then. */
  readonly #taken = new Map<string, Omit<FileState, 'name'>>();
  readonly #changed = new Set<string>();
  #again = 0;
  #wake: (() => void) | null = null;
  #woken = false;

  constructor(options: FolderOptions, heart: Heart) {
    this.#o = options;
    this.#heart = heart;
    const escaped = options.pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    this.#matches = new RegExp(`^${escaped.join('.*')}$`, 's');
  }

  async run(): Promise<void> {
    const { watch, lookMs = LOOK_MS, settleMs = SETTLE_MS, folder } = this.#o;
    const { signal } = this.#heart;
    const watcher = watch ? this.#watch() : null;
    try {
      while (!signal.aborted) {
        await this.#look();
        await this.#heart.up(`reads ${folder}`);
        await this.#takeWhole();
        if (!watch && this.#candidates.size === 0) {
          await this.#heart.note(`has read what was there once: ${this.#taken.size} files`);
          return;
        }
        // While something is being written the folder is looked at sooner, whether or not it notifies.
        await this.#sleep(this.#candidates.size > 0 ? settleMs : lookMs);
      }
    } finally {
      watcher?.close();
    }
  }

  /** What the system tells at once; where it cannot, looks alone do. */
  #watch(): FSWatcher | null {
    const quiet = (error: unknown): void => this.#o.log('folder-not-watched', { error: String(error) });
    try {
      const watcher = watchFolder(this.#o.folder, (_event, name) => {
        this.#woken = true;
        // A taken file that is written again is looked at first.
        if (name !== null && this.#taken.has(name)) this.#changed.add(name);
        this.#wake?.();
      });
      watcher.on('error', quiet);
      return watcher;
    } catch (error) {
      quiet(error);
      return null;
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { settleMs = SETTLE_MS } = this.#o;
    const stop = new AbortController();
    const end = (): void => stop.abort();
    this.#heart.signal.addEventListener('abort', end, { once: true });
    if (this.#heart.signal.aborted) end();
    this.#wake = end;
    if (!this.#woken) await pause(ms, stop.signal);
    this.#wake = null;
    this.#heart.signal.removeEventListener('abort', end);
    // A folder in which much happens is not looked at without end.
    if (this.#woken) await pause(settleMs / 2, this.#heart.signal);
    this.#woken = false;
  }

  /** Lists the folder: what is new, what is the same as before, what is gone, what changed after it was taken. */
  async #look(): Promise<void> {
    const { folder, observation } = this.#o;
    const entries = await readdir(folder, { withFileTypes: true });
    const here = new Set<string>();
    const others: string[] = [];
    for (const entry of entries) {
      const { name } = entry;
      if (!this.#matches.test(name)) continue;
      const role = roleOf(name, observation.kind);
      if (role === 'unfinished' || role === 'side') continue;
      if (role === 'other' || entry.isDirectory() || entry.isSymbolicLink()) {
        others.push(name);
        continue;
      }
      here.add(name);
    }
    const open = [...here].filter((name) => !this.#taken.has(name));
    for await (const [name, now] of this.#stats(open)) {
      if (now === 'other') others.push(name);
      if (typeof now === 'string') this.#candidates.delete(name);
      else this.#seen(now);
    }
    for (const name of this.#candidates.keys()) if (!here.has(name)) this.#candidates.delete(name);
    for (const name of this.#taken.keys()) if (!here.has(name)) this.#taken.delete(name);
    const first = others[0] ?? '';
    this.#heart.trouble(
      'others',
      others.length === 0 ? null : { code: 'no-files', values: { n: others.length, first } },
    );
    await this.#lookAgain();
  }

  #seen(now: FileState): void {
    const { settleMs = SETTLE_MS } = this.#o;
    const nowMs = performance.now();
    const before = this.#candidates.get(now.name);
    if (before === undefined || before.bytes !== now.bytes || before.mtimeMs !== now.mtimeMs)
      this.#candidates.set(now.name, { ...now, same: 0, seenMs: nowMs });
    // Two looks in a row that a notice caused say nothing.
    else if (nowMs - before.seenMs >= settleMs * 0.9)
      this.#candidates.set(now.name, { ...before, same: before.same + 1, seenMs: nowMs });
  }

  /** Some at a time: on a network each costs a way there and back. */
  async *#stats(names: readonly string[]): AsyncGenerator<readonly [string, FileState | 'gone' | 'other']> {
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      const found = await Promise.all(some.map((name) => this.#stat(name)));
      for (const [i, name] of some.entries()) yield [name, found[i]!];
    }
  }

  async #stat(name: string): Promise<FileState | 'gone' | 'other'> {
    const found = await lstat(join(this.#o.folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) return 'gone';
    return found.isFile() ? { name, bytes: found.size, mtimeMs: found.mtimeMs } : 'other';
  }

  /** Offers what is whole, oldest first. */
  async #takeWhole(): Promise<void> {
    const whole = [...this.#candidates.values()]
      .filter(({ same }) => same > 0)
      .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
    const window = Math.min(WINDOW, this.#o.station.config.mostWaiting);
    for (let from = 0; from < whole.length && !this.#heart.signal.aborted; from += window)
      await this.#takeWindow(whole.slice(from, from + window));
  }

  async #takeWindow(files: readonly Candidate[]): Promise<void> {
    const { folder, observation, station } = this.#o;
    const fresh = files.filter((file) => !this.#knownByName(file));
    const read = await Promise.all(
      fresh.map(async (file) => [file, await this.#read(folder, file, observation)] as const),
    );
    const ids = new Set<string>();
    const offered: Promise<void>[] = [];
    await this.#room(station.config.mostWaiting - read.length);
    for (const [file, found] of read) {
      if (found.what === 'later') continue;
      if (found.what !== 'unit') {
        this.#candidates.delete(file.name);
        continue;
      }
      // What cannot be read may be still in the writing.
      if (found.fault !== null && file.same < FAULTY_LOOKS) continue;
      const frame = this.#frameOf(file.name);
      const unit = frame === null ? found.unit : { ...found.unit, context: { ...found.unit.context, frame } };
      // Two files of one id in a window: the second is told apart at the next look.
      if (ids.has(unit.id) || this.#settleKnown(file, unit.id)) continue;
      ids.add(unit.id);
      offered.push(
        this.#offer(unit).then((taken) => {
          if (!taken) return;
          this.#settle(file);
          if (frame !== null) this.#o.frames?.count.take({ camera: '', frame });
        }),
      );
    }
    await Promise.all(offered);
    // A folder of which every file is known is gone through without holding up the site.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The number of the frame that a name carries; null where it carries none. */
  #frameOf(name: string): number | null {
    const { frames } = this.#o;
    if (frames === undefined || frames === null) return null;
    const digits = new RegExp(frames.pattern, 'u').exec(name)?.[1] ?? '';
    return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
  }

  /** An error of the disk or the network is another look's matter, and in the end a person's. */
  async #read(folder: string, file: Candidate, observation: StationConfig['observation']): Promise<UnitFile> {
    return readUnitFile(folder, file, observation).catch((error: Error) => {
      this.#o.log('file-not-read', { file: file.name, error: error.message });
      if (file.same < FAULTY_LOOKS) return { what: 'later' as const };
      return unreadable(folder, file, observation, error.message);
    });
  }

  #settle({ name, bytes, mtimeMs }: FileState): void {
    this.#candidates.delete(name);
    this.#taken.set(name, { bytes, mtimeMs });
  }

  /** True where the unit named like the file came from this very file; a side file may say another name. */
  #knownByName(file: FileState): boolean {
    const arrived = this.#arrived(idOfName(file.name));
    if (arrived?.context.file !== file.name || arrived.sourceAtMs !== Math.round(file.mtimeMs)) return false;
    this.#settle(file);
    return true;
  }

  /** True where the journal has the unit: this very file, the file as it was before it changed, or another one. */
  #settleKnown(file: FileState, id: string): boolean {
    const arrived = this.#arrived(id);
    if (arrived === null) return false;
    const own = arrived.context.file === file.name;
    if (!own || arrived.sourceAtMs !== Math.round(file.mtimeMs))
      this.#report(
        file,
        own
          ? `the file ${file.name} changed after its unit ${id} was taken; the unit stands as it came`
          : `the file ${file.name} has the id ${id} of a unit that came before; it is not taken`,
      );
    this.#settle(file);
    return true;
  }

  #arrived(id: string): SiteFactBody<'arrived'> | null {
    const { journal, station } = this.#o;
    const row = journal.db
      .prepare(`SELECT j.body FROM unit u JOIN journal j ON j.seq = u.seq WHERE u.station = ? AND u.id = ?`)
      .get(station.config.id, id);
    return row === undefined ? null : (JSON.parse(String(row.body)) as SiteFactBody<'arrived'>);
  }

  /** Hands a unit over, again and again while the station cannot take it. False where the site stops or refuses it. */
  async #offer(unit: Parameters<LiveStation['arrive']>[0]): Promise<boolean> {
    while (!this.#heart.signal.aborted) {
      try {
        await this.#o.station.arrive(unit);
        return true;
      } catch (error) {
        if (!(error instanceof StoreError) || error.retry !== 'later') {
          this.#o.log('unit-not-taken', { unit: unit.id, error: String(error) });
          this.#heart.trouble('refused', { code: 'refused', values: { unit: unit.id, why: String(error) } });
          return false;
        }
        this.#heart.trouble('waits', { code: 'units-wait', values: { why: error.message } });
        await pause(RETRY_MS, this.#heart.signal);
      }
    }
    return false;
  }

  /** Waits until the station has room, so that units come in their order. */
  async #room(most: number): Promise<void> {
    const { station } = this.#o;
    const full = (): boolean => station.waiting > Math.max(0, most) && !this.#heart.signal.aborted;
    if (full()) this.#heart.trouble('waits', { code: 'no-room', values: {} });
    while (full()) await pause(RETRY_MS / 4, this.#heart.signal);
    this.#heart.trouble('waits', null);
  }

  /** Looks at files that were taken: those of which the system has told, and some of the others in turn. */
  async #lookAgain(): Promise<void> {
    const names = [...this.#taken.keys()];
    const some = Array.from(
      { length: Math.min(AGAIN, names.length) },
      (_, i) => names[(this.#again + i) % names.length]!,
    );
    this.#again = names.length === 0 ? 0 : (this.#again + some.length) % names.length;
    const told = [...this.#changed];
    this.#changed.clear();
    for await (const [name, now] of this.#stats([...new Set([...told, ...some])])) {
      const before = this.#taken.get(name);
      if (before === undefined || typeof now === 'string') continue;
      if (now.bytes === before.bytes && now.mtimeMs === before.mtimeMs) continue;
      this.#report(now, `the file ${name} changed after it was taken; its unit stands as it came`);
      this.#taken.set(name, { bytes: now.bytes, mtimeMs: now.mtimeMs });
    }
  }

  readonly #reported = new Set<string>();

  #report({ name }: FileState, why: string): void {
    this.#o.log('file-reported', { station: this.#o.station.config.id, file: name, why });
    this.#reported.add(name);
    this.#heart.trouble(
      'reported',
      `${why}${this.#reported.size > 1 ? `, and ${this.#reported.size - 1} more` : ''}`,
    );
    if (this.#reported.size <= MOST_NOTES) void this.#heart.note(why);
  }
}
