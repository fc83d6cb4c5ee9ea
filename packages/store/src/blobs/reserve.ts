import { randomBytes } from 'node:crypto';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** What the rows need that say that the disk is full: 200 gates with their folds, some 20 kB each, in one commit. */
const BYTES = 4_000_000;
const FILE = 'reserve';

/**
 * Space of the disk that is kept back by a file, so that a disk that somebody else fills at a blow can still be said to
 * be full. It is let go for that, and taken again when there is room.
 */
export class Reserve {
  readonly #path: string;
  #held = false;
  #used = false;

  constructor(folder: string) {
    this.#path = join(folder, FILE);
  }

  /** Before a record is opened: on a disk that is full already what was kept back lets it open. */
  static async open(folder: string): Promise<Reserve> {
    const reserve = new Reserve(folder);
    const disk = await statfs(folder).catch(() => null);
    if (disk !== null && disk.bavail * disk.bsize < BYTES / 2) await reserve.release();
    return reserve;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Bytes of what is free that are the reserve's: letting it go makes no room. */
  get usedBytes(): number {
    return this.#used ? BYTES : 0;
  }

  /** Takes the space, unless it is there. False where the disk has no room for it. */
  async take(): Promise<boolean> {
    if (this.#held) return true;
    const there = await stat(this.#path).catch(() => null);
    if (there?.size === BYTES) {
      this.#held = true;
      this.#used = false;
      return true;
    }
    try {
      const file = await open(this.#path, 'w', 0o600);
      try {
        // Bytes that no file system can fold into less.
        await file.writeFile(randomBytes(BYTES));
        await file.datasync();
      } finally {
        await file.close();
      }
      this.#held = true;
      this.#used = false;
    } catch {
      await this.release();
    }
    return this.#held;
  }

  /** Gives the space back to the disk. */
  async release(): Promise<void> {
    const there = await stat(this.#path).catch(() => null);
    await rm(this.#path, { force: true }).catch(() => undefined);
    this.#held = false;
    this.#used ||= there !== null;
  }
}
