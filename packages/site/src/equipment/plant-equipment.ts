import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command, Standing } from '@selvedge/connect';
import type { OpeningView } from '@selvedge/core/records';
import type { Journal } from '@selvedge/store';
import type { SiteConfig, StationConfig } from '../config/site-config.js';
import type { SiteClock } from '../live/clock.js';
import { factOf } from '../live/facts.js';
import type { LiveSite } from '../live/live-site.js';
import type { LiveStation, Output } from '../live/live-station.js';
import type { Part } from '../live/supervisor.js';
import { Publisher } from '../publish/publisher.js';
import { AdjustDesk } from './adjust-desk.js';
import { Equipment } from './equipment.js';
import { UnitEnergy } from './unit-energy.js';
import { unitInput } from './unit-input.js';
import { verdictOutput } from './verdict-output.js';

export interface PlantEquipmentOptions {
  readonly config: SiteConfig;
  readonly journal: Journal;
  readonly clock: SiteClock;
  readonly log: (event: string, fields: Record<string, unknown>) => void;
}

/** What a station shows of a unit that is being made, and where it comes from. */
export interface Shown {
  readonly equipment: Equipment;
  readonly tags: readonly { readonly tag: string; readonly name: string; readonly unit: string }[];
}

/** What opens after the connections: the stations, and the desks of their settings. */
interface Live {
  site: LiveSite | null;
  /** What is shown of a unit while it is being made. */
  readonly shown: Map<string, Shown>;
  readonly desks: { readonly station: string; readonly connector: string; readonly desk: AdjustDesk }[];
}

/** Every connection of a site to equipment, by the id of its connector. */
export class PlantEquipment {
  readonly #all: Map<string, Equipment>;
  readonly #o: PlantEquipmentOptions;
  readonly #live: Live;
  readonly #publishers: Publisher[] = [];

  private constructor(options: PlantEquipmentOptions, all: Map<string, Equipment>, live: Live) {
    this.#o = options;
    this.#all = all;
    this.#live = live;
  }

  static async open(options: PlantEquipmentOptions): Promise<PlantEquipment> {
    const live: Live = { site: null, shown: new Map(), desks: [] };
    const all = new Map<string, Equipment>();
    const plant = new PlantEquipment(options, all, live);
    try {
      await plant.#connect();
    } catch (error) {
      // Nothing of it may go on without the others.
      await plant.close();
      throw error;
    }
    return plant;
  }

  async #connect(): Promise<void> {
    const { config, journal, clock, log } = this.#o;
    const { folder } = config;
    const all = this.#all;
    const live = this.#live;
    for (const connector of config.connectors) {
      if (connector.kind !== 'equipment') continue;
      const secret = (name: string): Promise<string> => secretOf(folder, name);
      const standing = (id: string, { target }: Command): Standing | null =>
        this.#deskOf(connector.id, id, target)?.standing() ?? standingOf(live.site?.stations.get(id) ?? null);
      all.set(
        connector.id,
        await Equipment.open({
          ...{ config: connector, folder, journal, clock, secret, log, standing },
          onLeaseEnd: (station, target) => void this.#deskOf(connector.id, station, target)?.ended(),
        }),
      );
    }
    for (const { id: station, input, adjust, live: shown } of config.stations) {
      const equipment = all.get(input.connector);
      if (equipment !== undefined && shown.length > 0) {
        const unitOf = (name: string): string =>
          equipment.config.tags.find(({ tag }) => tag === name)?.unit ?? '1';
        live.shown.set(station, { equipment, tags: shown.map((one) => ({ ...one, unit: unitOf(one.tag) })) });
      }
      for (const config of equipment === undefined ? [] : adjust) {
        const own = { config, station, journal, clock, log };
        if (equipment !== undefined)
          live.desks.push({
            station,
            connector: input.connector,
            desk: new AdjustDesk({ ...own, equipment }),
          });
      }
    }
  }

  /** Two connectors may have a target of one name. */
  #deskOf(connector: string, station: string, target: string): AdjustDesk | undefined {
    return this.#live.desks.find(
      (one) => one.connector === connector && one.station === station && one.desk.config.target === target,
    )?.desk;
  }

  get all(): ReadonlyMap<string, Equipment> {
    return this.#all;
  }

  /** How far the gates of the settings of one connector are. */
  openingsOf(connector: string): OpeningView[] {
    return this.#live.desks.flatMap((one) => (one.connector === connector ? [one.desk.view()] : []));
  }

  /** A lease of a setting was signed. */
  async leaseSigned(connector: string, station: string, target: string): Promise<void> {
    await this.#deskOf(connector, station, target)?.leaseSigned();
  }

  /** From now on gates are asked for what they may do; before, nothing was written. */
  attend(site: LiveSite): void {
    this.#live.site = site;
  }

  /** Where a station's calls go; where no equipment is configured nobody is told. */
  outputOf(id: string): Output {
    const station = this.#o.config.stations.find((one) => one.id === id);
    const equipment = station === undefined ? undefined : this.of(station);
    if (station?.output === undefined || equipment === undefined) return async () => 'not-sent';
    const release = (): string => this.#live.site?.stations.get(id)?.model?.hash ?? '';
    return verdictOutput(equipment, { station: id, tags: station.output, release, clock: this.#o.clock });
  }

  /** What brings the units of a station; null where they come another way. */
  partOf(station: StationConfig, live: LiveStation): Part | null {
    const equipment = this.of(station);
    if (equipment === undefined || station.input.kind !== 'equipment') return null;
    const desks = this.#live.desks.filter((one) => one.station === station.id).map(({ desk }) => desk);
    const { energy } = station;
    const meter = energy === undefined ? undefined : this.all.get(energy.connector);
    const counted =
      energy === undefined || meter === undefined ? null : new UnitEnergy(meter, energy, this.#o.clock);
    return unitInput({
      ...{ station: live, equipment, tags: station.input.tags, log: this.#o.log },
      ...(counted === null ? {} : { energy: () => counted.take() }),
      also: desks.flatMap(({ config: { proposal, inForce, loss, out, agreed } }) => [
        ...[inForce, loss, out, agreed],
        ...(typeof proposal === 'string' ? [proposal] : []),
      ]),
      onUnit: (unit, samples) => {
        for (const desk of desks) void desk.unit(unit, samples);
      },
      onActs: async (subject, acts) => {
        const { journal, clock } = this.#o;
        const facts = acts.map((act) => {
          const body = { station: station.id, ...act, user: null, verdict: false };
          return factOf('intervened', { subject, atMs: clock.nowMs(), body });
        });
        await journal.appendAll(facts);
      },
    });
  }

  /** What a station shows of a unit that is being made; null where it shows nothing. */
  shownAt(station: string): Shown | null {
    return this.#live.shown.get(station) ?? null;
  }

  of(station: StationConfig): Equipment | undefined {
    return this.all.get(station.input.connector);
  }

  /** Begins to tell others; the rows of an outage follow. */
  async publish(): Promise<void> {
    const { config, journal, log } = this.#o;
    for (const { connector, enterprise, area, kinds } of config.publish) {
      const equipment = this.all.get(connector);
      if (equipment === undefined)
        throw new RangeError(`publish: ${connector} is no connector of kind equipment`);
      const placeOf = (id: string | null): readonly string[] => {
        const station = config.stations.find((one) => one.id === id);
        return [enterprise, config.site.id, area, station?.line ?? 'site', station?.id ?? 'site'];
      };
      const { folder, site } = config;
      this.#publishers.push(
        await Publisher.open({
          ...{ id: connector, folder, journal, placeOf, kinds, log, site: site.id, origin: site.origin },
          publish: (tellings) => equipment.link.publish(tellings),
        }),
      );
    }
  }

  /** Destinations that do not take anything, and how many rows wait for them. */
  get publishers(): readonly Publisher[] {
    return this.#publishers;
  }

  async close(): Promise<void> {
    await Promise.all(this.#publishers.map((publisher) => publisher.close()));
    await Promise.all([...this.all.values()].map((equipment) => equipment.close()));
    await Promise.all(this.#live.desks.map(({ desk }) => desk.idle()));
  }
}

/** The gate's state says what it may write: nothing in shadow or closed; a safety class can only add a stop. */
function standingOf(station: LiveStation | null): Standing | null {
  if (station === null) return null;
  const acts =
    station.gate?.name === 'ramp' || station.gate?.name === 'open' || station.gate?.name === 'watch';
  const authority = !acts ? 'none' : station.config.safety ? 'add-stop' : 'dismiss';
  return { authority, release: station.model?.hash ?? '', boundShare: 1 };
}

/** An environment variable of that name, or the file of that name below `secrets`. */
async function secretOf(folder: string, name: string): Promise<string> {
  const given = process.env[name];
  if (given !== undefined) return given;
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.'))
    throw new RangeError(`"${name}" is no name of a secret: letters, digits, _, . and - only`);
  try {
    return (await readFile(join(folder, 'secrets', name), 'utf8')).trimEnd();
  } catch {
    throw new RangeError(
      `there is no secret ${name}: set the environment variable of that name, or write the file secrets/${name} in the folder of the site`,
    );
  }
}
