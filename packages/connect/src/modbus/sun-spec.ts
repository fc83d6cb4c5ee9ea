import type { Link } from '../contract/connector.js';
import type { Sample } from '../contract/item.js';
import { type Tag, tagSchema } from '../contract/tag.js';

/** Where the SunSpec Information Model Specification lets the marker be; the first is usual. */
const BASES = [40_000, 0, 50_000];
const MARKER = 'SunS';
const END = 0xffff;
const MOST_MODELS = 64;
const COMMON = 1;
/** Three-phase meter, wye: offsets count from the model's own id. */
const METER = { model: 203, length: 105, W: 18, W_SF: 22, TotWhImp: 46, TotWh_SF: 54 } as const;
const NO_SCALE = -0x8000;
/** acc32: begins again at 0 after this many (SunSpec Information Model Specification, data types). */
export const ACC32_LIMIT = 2 ** 32;

export interface SunSpecMeter {
  readonly manufacturer: string;
  readonly model: string;
  readonly version: string;
  readonly serial: string;
  /** Models in their order, with the address of each one's id. */
  readonly models: readonly { readonly id: number; readonly at: number; readonly length: number }[];
  /** Power in W and imported energy in Wh, scaled as the device said now. */
  readonly tags: readonly Tag[];
}

export interface SunSpecOptions {
  /** Names of the tags begin with it. */
  readonly prefix: string;
  readonly sampleMs?: number;
  /** Unit of a gateway; none: the connection's own. */
  readonly unit?: number;
}

/**
 * Looks at a link of `modbus` for a SunSpec meter (model 203) and makes tags of what it finds.
 * @throws Error where there is no marker, no such meter, or no answer; the message says which.
 */
export async function findSunSpecMeter(
  link: Pick<Link, 'read'>,
  { prefix, sampleMs = 1000, unit }: SunSpecOptions,
): Promise<SunSpecMeter> {
  const suffix = unit === undefined ? '' : `@${unit}`;
  const one = async (address: string, type: Tag['type']): Promise<Sample> => {
    const tag = tagSchema.parse({ tag: 'sun-spec', address: `${address}${suffix}`, type });
    const [sample] = await link.read([tag]);
    if (sample === undefined) throw new Error('the link answered nothing');
    return sample;
  };
  const number = async (at: number, type: 'uint16' | 'int16'): Promise<number> => {
    const { value, status } = await one(`h:${at}`, type);
    if (typeof value !== 'number') throw new Error(`register ${at} cannot be read: ${status}`);
    return value;
  };
  const text = async (at: number, registers: number): Promise<string> => {
    const { value } = await one(`h:${at}[${registers}]`, 'string');
    return typeof value === 'string' ? value : '';
  };

  const base = await baseOf(async (at) => (await one(`h:${at}[2]`, 'string')).value === MARKER);
  const models: SunSpecMeter['models'][number][] = [];
  for (let at = base + 2; models.length < MOST_MODELS; ) {
    const id = await number(at, 'uint16');
    if (id === END) break;
    const length = await number(at + 1, 'uint16');
    models.push({ id, at, length });
    at += 2 + length;
    if (at > 65_534) throw new Error('the models reach beyond the last register');
  }
  const common = models.find(({ id }) => id === COMMON);
  const meter = models.find(({ id, length }) => id === METER.model && length >= METER.length);
  if (common === undefined || meter === undefined)
    throw new Error(
      `it has no common block and meter model 203, but ${models.map(({ id }) => id).join(', ')}`,
    );
  const scale = async (offset: number): Promise<number> => {
    const power = await number(meter.at + offset, 'int16');
    if (power === NO_SCALE) return 1;
    if (power < -10 || power > 10) throw new Error(`a scale factor of ${power} is outside -10 to 10`);
    // Not 10 ** power: that is beside .001 by a digit on some engines.
    return Number(`1e${power}`);
  };
  const about = { sampleMs, access: 'r' } as const;
  return {
    ...{ manufacturer: await text(common.at + 2, 16), model: await text(common.at + 18, 16) },
    ...{ version: await text(common.at + 42, 8), serial: await text(common.at + 50, 16), models },
    tags: [
      tagSchema.parse({
        ...{ ...about, tag: `${prefix}/power`, type: 'int16', unit: 'W', scale: await scale(METER.W_SF) },
        address: `h:${meter.at + METER.W}!8000${suffix}`,
      }),
      tagSchema.parse({
        ...{ ...about, tag: `${prefix}/energy-imported`, type: 'uint32', unit: 'W.h' },
        scale: await scale(METER.TotWh_SF),
        address: `h:${meter.at + METER.TotWhImp}${suffix}`,
      }),
    ],
  };
}

async function baseOf(isMarker: (at: number) => Promise<boolean>): Promise<number> {
  for (const base of BASES) if (await isMarker(base)) return base;
  throw new Error(`no SunSpec marker at ${BASES.join(', ')}`);
}
