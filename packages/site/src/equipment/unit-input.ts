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
  #last: Value = null;
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
      for (const trigger of triggers) await this.#triggered(trigger, read);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #triggered(
    trigger: Sample,
    read: (tags: readonly string[]) => Promise<readonly Sample[]>,
  ): Promise<void> {
    if (trigger.quality !== 'good' || trigger.value === null) return;
    const before = this.#last ?? this.#lastTaken();
    const anew = this.#epoch !== trigger.epoch;
    this.#last = trigger.value;
    this.#epoch = trigger.epoch;
    if (before === trigger.value) return;
    if (before !== null) this.#missed(before, trigger.value, anew);
    const { tags } = this.#o;
    const names = [
      ...[tags.unit, ...(tags.series ?? []), ...(tags.row ?? []), ...tags.context],
      ...[tags.picture, tags.lot, tags.interventions].filter((one) => one !== undefined),
      ...(this.#o.also ?? []),
    ];
    const samples = new Map((await read([...names, tags.trigger])).map((sample) => [sample.tag, sample]));
    // Equipment that has made nothing yet has nothing to decide; what stands there and was never taken is taken.
    const empty = samples.get(tags.unit)?.value;
    if (before === null && (empty === null || empty === '' || empty === undefined)) return;
    const after = samples.get(tags.trigger);
    // Equipment that went on meanwhile has overwritten what was to be read.
    const overtaken = after !== undefined && after.quality === 'good' && after.value !== trigger.value;
    const unit = this.#arrivalOf(trigger, samples, overtaken);
    const energyWattHour = (await this.#o.energy?.()) ?? null;
    const isNew = await this.#offer(
      energyWattHour === null ? unit : { ...unit, context: { ...unit.context, energyWattHour } },
    );
    // Shown a second time it tells nothing new; what was overtaken belongs to another unit.
    if (isNew && !overtaken) await this.#acts(unit.id, samples);
    this.#o.onUnit?.(String(samples.get(tags.unit)?.value ?? ''), samples);
  }

  /** The trigger of the last unit in the journal: what was made while the site was not there is counted too. */
  #lastTaken(): Value {
    const { equipment, station, tags } = this.#o;
    const row = equipment.db
      .prepare('SELECT context FROM unit WHERE station = ? ORDER BY seq DESC LIMIT 1')
      .get(station.config.id);
    const context: Record<string, unknown> = row === undefined ? {} : JSON.parse(String(row.context));
    const last = context[wordOf(tags.trigger)];
    return typeof last === 'number' || typeof last === 'string' ? last : null;
  }

  /** A counter that jumped tells how many units nobody saw. */
  #missed(before: Value, now: Value, anew: boolean): void {
    if (typeof before !== 'number' || typeof now !== 'number') return;
    const missed = now - before - 1;
    if (missed <= 0) return;
    const why = `${missed} units passed unseen${anew ? ' while there was no connection' : ''}: the equipment counts ${before}, then ${now}`;
    this.#heart.trouble('missed', why);
    void this.#heart.note(why);
    this.#o.log('units-missed', { station: this.#o.station.config.id, missed });
  }

  #arrivalOf(trigger: Sample, samples: ReadonlyMap<string, Sample>, overtaken: boolean): Arrival {
    const { tags, station } = this.#o;
    const good = (tag: string): Value => {
      const sample = samples.get(tag);
      return sample === undefined || sample.quality === 'bad' ? null : sample.value;
    };
    const id = good(tags.unit);
    const counted = `${station.config.id}-${String(trigger.value)}-${Math.round(trigger.atMs)}`;
    const { observation, lacks } = observationOf(tags, good);
    const lot = tags.lot === undefined ? null : good(tags.lot);
    const fault = overtaken
      ? 'the equipment went on before its values were read'
      : id === null || id === ''
        ? 'the equipment gave no identity of the unit'
        : lacks;
    return {
      id: id === null || id === '' || overtaken ? counted : String(id),
      observation: observation ?? { kind: 'row', values: Float64Array.of(Number.NaN) },
      context: Object.fromEntries(
        [tags.trigger, ...tags.context].map((tag) => {
          const value = tag === tags.trigger ? trigger.value : good(tag);
          const plain = typeof value === 'number' || value === null ? value : String(value).slice(0, 200);
          return [wordOf(tag), plain];
        }),
      ),
      lot: lot === null ? null : String(lot),
      sourceAtMs: Math.round(trigger.atMs),
      ...(fault === null ? {} : { fault }),
    };
  }

  async #acts(unit: string, samples: ReadonlyMap<string, Sample>): Promise<void> {
    const { tags, onActs, log, station } = this.#o;
    const told = tags.interventions === undefined ? undefined : samples.get(tags.interventions);
    if (told === undefined || told.quality === 'bad' || onActs === undefined) return;
    const acts = toldActs(told.value);
    if (acts === null) log('interventions-not-understood', { station: station.config.id, unit });
    else if (acts.length > 0) await onActs(unit, acts);
  }

  /**
   * Hands a unit over, again and again while the station cannot take it: equipment waits, nothing is dropped. True where
   * it was not here before.
   */
  async #offer(unit: Arrival): Promise<boolean> {
    const { station, log } = this.#o;
    while (!this.#heart.signal.aborted) {
      try {
        const { again } = await station.arrive(unit);
        this.#heart.trouble('waits', null);
        return !again;
      } catch (error) {
        if (!(error instanceof StoreError) || error.retry !== 'later') {
          log('unit-not-taken', { unit: unit.id, error: String(error) });
          this.#heart.trouble('refused', `the unit ${unit.id} cannot be taken: ${String(error)}`);
          return false;
        }
        this.#heart.trouble('waits', `a unit waits at the equipment: ${error.message}`);
        await pause(RETRY_MS, this.#heart.signal);
      }
    }
    return false;
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
