import type { Quality } from '../contract/item.js';
import type { Datatype } from './datatypes.js';
import type { MetricOut, Properties } from './payload.js';
import { type MetricValue, wireOf } from './values.js';

/** A metric that an edge node or a device reports, as it stands in its birth. */
export interface MetricDefinition {
  readonly name: string;
  readonly datatype: Datatype;
  /** Null until it has one. */
  readonly value?: MetricValue;
  /** UCUM unit; the property `engUnit`. */
  readonly unit?: string;
  /** Physical range; the properties `engLow` and `engHigh`. */
  readonly range?: readonly [number, number];
  /** May be written by a command. */
  readonly writable?: boolean;
}

/** A new value of a metric; `atMs` and `quality` are now and good where absent. */
export interface Report {
  readonly name: string;
  readonly value: MetricValue;
  readonly atMs?: number;
  readonly quality?: Quality;
}

/** Quality codes of section 6.4.11: bad, good, stale. It has no code for `uncertain`, which goes out as bad. */
export const QUALITY_CODES = { bad: 0, good: 192, stale: 500 } as const;

type Held = {
  readonly definition: MetricDefinition;
  alias: bigint;
  value: MetricValue;
  atMs: number;
  quality: Quality;
};

/** The metrics of one edge node or device with their present values. */
export class MetricTable {
  readonly #held = new Map<string, Held>();
  readonly #byAlias = new Map<bigint, string>();

  /** @throws RangeError on a name twice, or a first value that is not of its type. */
  constructor(definitions: readonly MetricDefinition[], nextAlias: () => bigint, nowMs: number) {
    for (const definition of definitions) {
      const { name, datatype, value = null } = definition;
      if (name === '' || this.#held.has(name)) throw new RangeError(`metric «${name}» is empty or twice`);
      if (value !== null) wireOf(value, datatype);
      const alias = nextAlias();
      this.#held.set(name, { definition, alias, value, atMs: nowMs, quality: 'good' });
      this.#byAlias.set(alias, name);
    }
  }

  /** By the name or the alias that a command bears. */
  find(command: { readonly name?: string; readonly alias?: bigint }): MetricDefinition | undefined {
    const name = command.name ?? (command.alias === undefined ? undefined : this.#byAlias.get(command.alias));
    return name === undefined ? undefined : this.#held.get(name)?.definition;
  }

  /** @throws RangeError on an unknown metric, or a value that is not of its type. */
  set(report: Report, nowMs: number): void {
    const held = this.#held.get(report.name);
    if (!held) throw new RangeError(`no metric «${report.name}» was declared`);
    if (report.value !== null) wireOf(report.value, held.definition.datatype);
    held.value = report.value;
    held.atMs = report.atMs ?? nowMs;
    held.quality = report.quality ?? 'good';
  }

  /** Every metric with name, alias, type, value and properties, as a birth has to tell them. */
  birth(): MetricOut[] {
    return [...this.#held.values()].map((held) => ({
      ...{ name: held.definition.name, alias: held.alias, atMs: held.atMs },
      ...{ datatype: held.definition.datatype, withType: true, value: held.value },
      properties: propertiesOf(held),
    }));
  }

  /** The present value of one metric for DATA: alias alone, no type. */
  data(name: string, past?: { readonly value: MetricValue; readonly atMs: number }): MetricOut {
    const held = this.#held.get(name);
    if (!held) throw new RangeError(`no metric «${name}» was declared`);
    const { alias, definition, quality } = held;
    return {
      ...{ alias, datatype: definition.datatype, withType: false },
      ...(past
        ? { value: past.value, atMs: past.atMs, historical: true }
        : { value: held.value, atMs: held.atMs }),
      ...(quality === 'good' || past ? {} : { properties: qualityOf(quality) }),
    };
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }
}

function propertiesOf({ definition: { unit, range, writable }, quality }: Held): Properties {
  return {
    ...(unit === undefined ? {} : { engUnit: { datatype: 'String', value: unit } }),
    ...(range
      ? {
          engLow: { datatype: 'Double', value: range[0] },
          engHigh: { datatype: 'Double', value: range[1] },
        }
      : {}),
    readOnly: { datatype: 'Boolean', value: !writable },
    ...(quality === 'good' ? {} : qualityOf(quality)),
  };
}

function qualityOf(quality: Quality): Properties {
  return { Quality: { datatype: 'Int32', value: QUALITY_CODES[quality === 'good' ? 'good' : 'bad'] } };
}
