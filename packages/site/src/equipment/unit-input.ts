import type { Item, Sample, Value } from '@selvedge/connect';
import type { Observation } from '@selvedge/models';
import { StoreError } from '@selvedge/store';
import type { Arrival, LiveStation } from '../live/live-station.js';
import { type Heart, type Part, pause } from '../live/supervisor.js';
import type { Equipment } from './equipment.js';
import { type ToldAct, toldActs } from './told-acts.js';

/** Which tags make a unit of a station. */
export interface UnitTags {
  /** Changes when a unit is complete. A number that counts upwards shows what was missed. */
  readonly trigger: string;
  /** The unit's identity. */
  readonly unit: string;
  /** One list of numbers a channel, in the order of the station's channels. */
  readonly series?: readonly string[] | undefined;
  /** One number a column, in the order of the station's columns. */
  readonly row?: readonly string[] | undefined;
  /** The bytes of a PNG, JPEG, TIFF or BMP file. */
  readonly picture?: string | undefined;
  readonly lot?: string | undefined;
  /** Shown to people beside the unit, by the last word of the tag. */
  readonly context: readonly string[];
  /** What people did by hand since the unit before, as JSON: a list of `type` and `seconds`. */
  readonly interventions?: string | undefined;
}

export interface UnitInputOptions {
  readonly station: LiveStation;
  readonly equipment: Equipment;
  readonly tags: UnitTags;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
  /** Tags that are read with each unit for somebody else. */
  readonly also?: readonly string[];
  /** Wh since the unit before; null where nobody knows. */
  readonly energy?: () => Promise<number | null>;
  /** Told of every unit with what was read of it, after the journal has it. */
  readonly onUnit?: (unit: string, samples: ReadonlyMap<string, Sample>) => void;
  /** What people did by hand, told with a unit that was not here before. Resolves when the disk has it. */
  readonly onActs?: (unit: string, acts: readonly ToldAct[]) => Promise<void>;
}

/** A trigger as it is kept with its unit. */
type Count = number | string;

/** Ids of units that equipment gives, characters: with its station and its verdict one still names a write. */
const LONGEST_ID = 140;
const LONGEST_TEXT = 200;

/** Pause before a unit is offered again that the station could not take. */
const RETRY_MS = 100;

/**
 * Units of equipment: whenever the trigger changes, the tags of the unit are read and the unit arrives at its station. The
 * trigger's sample is acknowledged when the journal has the unit, so none is lost between the two. What cannot be read
 * arrives all the same, with the fault, and a person decides.
 */
export const unitInput = (options: UnitInputOptions): Part => ({
  name: `units ${options.station.config.id}`,
  station: options.station.config.id,
  run: (heart) => new UnitInput(options, heart).run(),
});

class UnitInput {
  readonly #o: UnitInputOptions;
  readonly #heart: Heart;
  #last: Count | null = null;
  #epoch = '';
  #turn: Promise<void> = Promise.resolve();

  constructor(options: UnitInputOptions, heart: Heart) {
    this.#o = options;
    this.#heart = heart;
  }

  async run(): Promise<void> {
    const { equipment, log, station } = this.#o;
    const unfollow = equipment.follow({
      items: (items, read) => this.#items(items, read),
      state: ({ state, why }) => {
        const told = state === 'up' || state === 'degraded' ? this.#heart.up(why) : this.#heart.down(why);
        told.catch((error) => log('state-not-told', { station: station.config.id, error: String(error) }));
      },
    });
    await new Promise<void>((resolve) => {
      if (this.#heart.signal.aborted) resolve();
      this.#heart.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    unfollow();
    await this.#turn;
  }

  /** One trigger after the other: units keep their order, and each waits for the disk. */
  #items(
    items: readonly Item[],
    read: (tags: readonly string[]) => Promise<readonly Sample[]>,
  ): Promise<void> {
    const triggers = items.filter(
      (item): item is Sample => item.kind === 'sample' && item.tag === this.#o.tags.trigger,
    );
    if (triggers.length === 0) return Promise.resolve();
    const turn = this.#turn.then(async () => {
      for (const trigger of triggers)
        await this.#triggered(trigger, read).catch((error) => {
          // Nothing of it is acknowledged: it is told again.
          if (this.#heart.signal.aborted) throw error;
          // One that fails takes no other along.
          this.#notTaken(String(trigger.value), error);
        });
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #triggered(
    trigger: Sample,
    read: (tags: readonly string[]) => Promise<readonly Sample[]>,
  ): Promise<void> {
    if (trigger.quality !== 'good' || trigger.value === null) return;
    const now = countOf(trigger.value);
    const taken = this.#lastTaken();
    const before = this.#last ?? taken?.count ?? null;
    const anew = this.#epoch !== trigger.epoch;
    this.#last = now;
    this.#epoch = trigger.epoch;
    if (before === now && !anew) return;
    if (before !== null && before !== now) this.#missed(before, now, anew);
    const { tags } = this.#o;
    const names = [
      ...[tags.unit, ...(tags.series ?? []), ...(tags.row ?? []), ...tags.context],
      ...[tags.picture, tags.lot, tags.interventions].filter((one) => one !== undefined),
      ...(this.#o.also ?? []),
    ];
    const samples = new Map((await read([...names, tags.trigger])).map((sample) => [sample.tag, sample]));
    // Equipment that has made nothing yet has nothing to decide; what stands there and was never taken is taken.
    const stands = samples.get(tags.unit);
    const empty = stands === undefined || stands.value === null || stands.value === '';
    if (before === null && empty) {
      if (stands === undefined || stands.quality === 'bad') this.#last = null;
      return;
    }
    // Equipment that began anew may come by the same count with another unit.
    if (before === now && (empty || this.#counted(now, taken?.id) || this.#isTaken(String(stands.value))))
      return;
    const after = samples.get(tags.trigger);
    // Equipment that went on meanwhile has overwritten what was to be read.
    const overtaken = after?.quality !== 'good' ? 'unknown' : countOf(after.value) !== now;
    // At the very first look, what was there before is nobody's question; the unit that overtook it comes next.
    if (before === null && overtaken === true) return;
    const unit = this.#arrivalOf(trigger, samples, overtaken);
    // What was taken before is not charged again.
    const energyWattHour = this.#isTaken(unit.id) ? null : ((await this.#o.energy?.()) ?? null);
    const isNew = await this.#offer(
      energyWattHour === null ? unit : { ...unit, context: { ...unit.context, energyWattHour } },
    );
    // Shown a second time it tells nothing new; what was overtaken belongs to another unit.
    if (!isNew || overtaken !== false) return;
    await this.#acts(unit.id, samples);
    this.#o.onUnit?.(unit.id, samples);
  }

  /** The last unit in the journal and its trigger: what was made while the site was not there is counted too. */
  #lastTaken(): { readonly id: string; readonly count: Count | null } | null {
    const { equipment, station, tags } = this.#o;
    const row = equipment.db
      .prepare('SELECT id, context FROM unit WHERE station = ? ORDER BY seq DESC LIMIT 1')
      .get(station.config.id);
    if (row === undefined) return null;
    const context: Record<string, unknown> = JSON.parse(String(row.context));
    const count = context[wordOf(tags.trigger)];
    return {
      id: String(row.id),
      count: typeof count === 'number' || typeof count === 'string' ? count : null,
    };
  }

  #isTaken(unit: string): boolean {
    const { equipment, station } = this.#o;
    const find = equipment.db.prepare('SELECT seq FROM unit WHERE station = ? AND id = ?');
    return find.get(station.config.id, unit) !== undefined;
  }

  /** Whether a unit was named by its count, because its own name could not be read. */
  #counted(count: Count, unit: string | undefined): boolean {
    return unit?.startsWith(`${this.#o.station.config.id}-${count}-`) === true;
  }

  /** A counter that jumped tells how many units nobody saw. */
  #missed(before: Count, now: Count, anew: boolean): void {
    if (typeof before !== 'number' || typeof now !== 'number') return;
    const missed = now - before - 1;
    if (!(missed > 0)) return;
    const { station, log } = this.#o;
    const why = `${missed} units passed unseen${anew ? ' while there was no connection' : ''}: the equipment counts ${before}, then ${now}`;
    this.#heart.trouble('missed', why);
    this.#heart
      .note(why)
      .catch((error) => log('state-not-told', { station: station.config.id, error: String(error) }));
    log('units-missed', { station: station.config.id, missed });
  }

  #arrivalOf(trigger: Sample, samples: ReadonlyMap<string, Sample>, overtaken: boolean | 'unknown'): Arrival {
    const { tags, station } = this.#o;
    const good = (tag: string): Value => {
      const sample = samples.get(tag);
      return sample === undefined || sample.quality === 'bad' ? null : sample.value;
    };
    const id = good(tags.unit);
    const counted = `${station.config.id}-${countOf(trigger.value)}-${Math.round(trigger.atMs)}`;
    const { observation, lacks } = observationOf(tags, good);
    const lot = tags.lot === undefined ? null : good(tags.lot);
    const nameless = id === null || id === '';
    const tooLong = String(id).length > LONGEST_ID;
    const fault =
      overtaken === true
        ? 'the equipment went on before its values were read'
        : nameless
          ? 'the equipment gave no identity of the unit'
          : overtaken === 'unknown'
            ? 'nobody can say whether the values that were read are of this unit'
            : tooLong
              ? `the equipment gave an identity of more than ${LONGEST_ID} characters`
              : lacks;
    return {
      id: nameless || tooLong || overtaken !== false ? counted : String(id),
      observation: observation ?? { kind: 'row', values: Float64Array.of(Number.NaN) },
      // The trigger last: the word that it is found by again is its own.
      context: Object.fromEntries([
        ...tags.context.map((tag) => [wordOf(tag), contextOf(good(tag))]),
        [wordOf(tags.trigger), countOf(trigger.value)],
      ]),
      lot: lot === null ? null : String(lot).slice(0, LONGEST_TEXT),
      sourceAtMs: Number.isFinite(trigger.atMs) ? Math.round(trigger.atMs) : null,
      ...(fault === null ? {} : { fault }),
    };
  }

  async #acts(unit: string, samples: ReadonlyMap<string, Sample>): Promise<void> {
    const { tags, onActs, log, station } = this.#o;
    const told = tags.interventions === undefined ? undefined : samples.get(tags.interventions);
    if (told === undefined || told.quality === 'bad' || onActs === undefined) return;
    const acts = toldActs(told.value);
    if (acts === null) log('interventions-not-understood', { station: station.config.id, unit });
    else if (acts.length > 0) await this.#insist(() => onActs(unit, acts));
  }

  /**
   * Hands a unit over, again and again while the station cannot take it: equipment waits, nothing is dropped. True where
   * it was not here before.
   */
  async #offer(unit: Arrival): Promise<boolean> {
    try {
      const { again } = await this.#insist(() => this.#o.station.arrive(unit));
      return !again;
    } catch (error) {
      if (this.#heart.signal.aborted) throw error;
      this.#notTaken(unit.id, error);
      return false;
    }
  }

  /** Again and again while the disk or the station cannot take it. @throws what does not pass, and when the site stops. */
  async #insist<T>(act: () => Promise<T>): Promise<T> {
    const { signal } = this.#heart;
    while (true) {
      if (signal.aborted) throw new Error('the site stops before the disk has it');
      try {
        const done = await act();
        this.#heart.trouble('waits', null);
        return done;
      } catch (error) {
        if (!(error instanceof StoreError) || error.retry !== 'later') throw error;
        this.#heart.trouble('waits', `a unit waits at the equipment: ${error.message}`);
        await pause(RETRY_MS, signal);
      }
    }
  }

  #notTaken(unit: string, error: unknown): void {
    this.#o.log('unit-not-taken', { station: this.#o.station.config.id, unit, error: String(error) });
    this.#heart.trouble('refused', `the unit ${unit} cannot be taken: ${String(error)}`);
  }
}

/** What was seen of a unit, as far as it was there, and what is missing of it. */
interface Seen {
  readonly observation: Observation | null;
  readonly lacks: string | null;
}

/**
 * What was seen of the unit. Where tags of a trace and of a picture are named it is a pair, and where one of the two is
 * missing a person sees the other.
 */
export function observationOf(
  tags: Pick<UnitTags, 'series' | 'row' | 'picture'>,
  good: (tag: string) => Value,
): Seen {
  if (tags.row !== undefined) {
    const values = tags.row.map((tag) => Number(good(tag) ?? Number.NaN));
    return { observation: { kind: 'row', values: Float64Array.from(values) }, lacks: null };
  }
  const series = tags.series === undefined ? null : seriesOf(tags.series, good);
  const picture = tags.picture === undefined ? null : good(tags.picture);
  const image = picture instanceof Uint8Array ? ({ kind: 'image', source: picture } as const) : null;
  if (series !== null && image !== null) return { observation: { kind: 'pair', series, image }, lacks: null };
  const observation = series ?? image;
  if (observation === null) return { observation, lacks: 'the equipment gave no values of the unit' };
  if (tags.series !== undefined && series === null)
    return { observation, lacks: 'the equipment gave no trace of the unit' };
  const lacks =
    tags.picture !== undefined && image === null ? 'the equipment gave no picture of the unit' : null;
  return { observation, lacks };
}

/** The trace; null where a channel is missing or shorter than another. */
function seriesOf(
  tags: readonly string[],
  good: (tag: string) => Value,
): Extract<Observation, { kind: 'series' }> | null {
  const channels = tags.map((tag) => numbers(good(tag)));
  const length = channels[0]?.length ?? 0;
  if (length === 0 || channels.some((one) => one?.length !== length)) return null;
  const values = new Float32Array(length * channels.length);
  for (const [c, channel] of channels.entries())
    for (let i = 0; i < length; i += 1) values[i * channels.length + c] = channel?.[i] ?? Number.NaN;
  return { kind: 'series', channels: channels.length, values };
}

function numbers(value: Value): number[] | null {
  if (!Array.isArray(value)) return null;
  return value.map(Number);
}

/** The last word of a tag's name: what people see. */
function wordOf(tag: string): string {
  return tag.split('/').at(-1) ?? tag;
}

/** A trigger as it is kept: a number where it is one, so that a restart finds the same again. */
function countOf(value: Value): Count {
  const number = typeof value === 'bigint' ? Number(value) : value;
  const exact = typeof value === 'bigint' ? Number.isSafeInteger(number) : Number.isFinite(number);
  return typeof number === 'number' && exact ? number : String(value).slice(0, LONGEST_TEXT);
}

/** What people see of a value: a number that is none is a word. */
function contextOf(value: Value): string | number | null {
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value;
  return String(value).slice(0, LONGEST_TEXT);
}
