import { readFile } from 'node:fs/promises';
import { FitError } from '../recipes/fit-error.js';

/** What may stand beside a backbone file, in a file of the same name with `.json` added. */
export interface SideFile {
  /** Per colour, red first, for pixels of 0..1, as the network was trained. Default 0.5: pixels of -1..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Names of the values to be used as feature maps; null = chosen from the network. */
  readonly taps: readonly string[] | null;
}

const HALF = [0.5, 0.5, 0.5] as const;

/**
 * Reads `FILE.json`, e.g. `{"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "taps": ["relu_33"]}`.
 * Each key may be left out, and so may the file.
 *
 * @throws FitError where it is there and says something else.
 */
export async function readSideFile(backbone: string): Promise<SideFile> {
  const file = `${backbone}.json`;
  const fault = (what: string): FitError => new FitError('wrong-backbone', `${file}: ${what}`);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { mean: HALF, std: HALF, taps: null };
    throw fault(`cannot be read (${(error as Error).message})`);
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw fault('is not JSON');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw fault('must be an object with mean, std or taps');
  }
  const { mean, std, taps, ...others } = given as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw fault(`"${unknown}" is not known; write mean, std or taps`);
  const colours = (name: string, value: unknown, fits: (v: number) => boolean, range: string) => {
    if (value === undefined) return HALF;
    if (Array.isArray(value) && value.length === 3 && value.every((v) => typeof v === 'number' && fits(v))) {
      return value as unknown as readonly [number, number, number];
    }
    throw fault(
      `"${name}" must be three numbers ${range}, for pixels of 0..1 (divide those for 0..255 by 255)`,
    );
  };
  return {
    mean: colours('mean', mean, (v) => v >= 0 && v <= 1, 'from 0 to 1'),
    std: colours('std', std, (v) => v > 0 && v <= 1, 'above 0 and not above 1'),
    taps: taps === undefined ? null : tapNames(taps, fault),
  };
}

function tapNames(taps: unknown, fault: (what: string) => FitError): readonly string[] {
  const named = Array.isArray(taps) && taps.every((t) => typeof t === 'string' && t !== '');
  if (!named || taps.length === 0 || new Set(taps).size < taps.length) {
    throw fault('"taps" must be a list of different names of values of the network');
  }
  return taps as string[];
}
