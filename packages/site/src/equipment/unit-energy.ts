import { CounterTrack } from '@selvedge/connect';
import type { SiteClock } from '../live/clock.js';
import type { Equipment } from './equipment.js';

/** Where the energy of a station's units is counted. */
export interface EnergyConfig {
  readonly connector: string;
  /** Tag of a counter that only rises. */
  readonly tag: string;
  /** Share of the meter that belongs to this station, where several hang on one. */
  readonly share: number;
  /** Largest power that can be: a larger step is a meter that began anew. */
  readonly mostWatt: number;
  /** Reading after which the counter begins again at 0, in the unit of the tag. */
  readonly limit: number;
}

/** Wh in one of the unit. */
export const WATT_HOURS: Readonly<Record<string, number>> = {
  'W.h': 1,
  'kW.h': 1000,
  'MW.h': 1e6,
  J: 1 / 3600,
  kJ: 1 / 3.6,
  MJ: 1e3 / 3.6,
};

/**
 * What the meter counted from one unit to the next: waiting, standby and scrap are in it, as ISO 50001 wants what is made to
 * carry them. Through a roll-over; null for the first unit, after a reset, and where the meter does not answer.
 */
export class UnitEnergy {
  readonly #equipment: Equipment;
  readonly #config: EnergyConfig;
  readonly #clock: SiteClock;
  readonly #track: CounterTrack;
  /** Wh of this station in one of the tag's unit. */
  readonly #wattHours: number;

  /** @throws RangeError where the tag is none of the meter's or has no unit of energy. */
  constructor(equipment: Equipment, config: EnergyConfig, clock: SiteClock) {
    this.#equipment = equipment;
    this.#config = config;
    this.#clock = clock;
    const tag = equipment.config.tags.find((one) => one.tag === config.tag);
    const wattHours = WATT_HOURS[tag?.unit ?? ''];
    if (wattHours === undefined) throw new RangeError(`${config.tag} has no unit of energy`);
    this.#wattHours = wattHours * config.share;
    const mostPerSecond = config.mostWatt / 3600 / wattHours;
    this.#track = new CounterTrack({ limit: config.limit, mostPerSecond });
  }

  /** Wh since the unit before; never negative. */
  async take(): Promise<number | null> {
    const [sample] = await this.#equipment.read([this.#config.tag]);
    if (sample?.quality !== 'good') return null;
    const reading = Number(sample.value);
    if (!(reading >= 0 && reading < this.#config.limit)) return null;
    const { what, step } = this.#track.take(reading, this.#clock.steadyMs());
    return what === 'step' || what === 'roll-over' ? step * this.#wattHours : null;
  }
}
