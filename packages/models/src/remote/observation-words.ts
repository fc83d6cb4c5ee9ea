import { openPicture } from '../image/open-picture.js';
import { mapFault } from '../map/prepare.js';
import type {
  ImageObservation,
  MapObservation,
  Observation,
  SeriesObservation,
} from '../observe/observation.js';

/** A part of a message in the OpenAI-compatible form. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** A longer trace is told in bins. */
const MOST_SAMPLES = 64;
/** Numbers of a trace at most, whatever its channels. */
const MOST_NUMBERS = 1_800;
const MOST_CHANNELS = 64;
/** A larger map is told in blocks. */
const MOST_CELLS = 64;
/** Longest side of a picture that is sent, pixels. */
const LONGEST_SIDE = 1024;

/**
 * An observation for a language model: rows and traces as a table, maps as characters, pictures as data URLs. Nothing but
 * what was measured is in it: no name of a unit, no context, no data beside the pixels of a picture.
 * @throws Error with what is wrong with the unit.
 */
export async function wordsOf(unit: Observation, channels: readonly string[]): Promise<MessagePart[]> {
  if (unit.kind === 'row') return [text(rowTable(unit.values, channels))];
  if (unit.kind === 'series') return [text(seriesTable(unit, channels))];
  if (unit.kind === 'map') return [text(mapText(unit))];
  if (unit.kind === 'image') return pictures(unit);
  return [text(seriesTable(unit.series, channels)), ...(await pictures(unit.image))];
}

const text = (words: string): MessagePart => ({ type: 'text', text: words });

/** Six significant digits. */
const short = (value: number): string =>
  Number.isNaN(value) ? 'empty' : String(Number(value.toPrecision(6)));

const nameOf = (channels: readonly string[], k: number): string =>
  (channels[k] ?? `value ${k + 1}`).replace(/[\s,]+/g, ' ');

function rowTable(values: Float64Array, channels: readonly string[]): string {
  if (channels.length > 0 && channels.length !== values.length)
    throw new Error(`expected ${channels.length} values, got ${values.length}`);
  if (values.every(Number.isNaN)) throw new Error('the row is empty');
  return Array.from(values, (value, k) => `${nameOf(channels, k)}: ${short(value)}`).join('\n');
}

/** Every sample where there are few, else the mean, lowest and highest of each bin. */
function seriesTable({ values, channels: width }: SeriesObservation, channels: readonly string[]): string {
  const samples = values.length / width;
  if (samples === 0 || !Number.isInteger(samples))
    throw new Error(`a series of ${values.length} values is incomplete`);
  if (width > MOST_CHANNELS) throw new Error(`a series of ${width} channels has too many to be told`);
  const at = values.findIndex((v) => !Number.isFinite(v));
  if (at >= 0) throw new Error(`value ${at + 1} of the series is not a finite number`);
  const names = Array.from({ length: width }, (_, c) => nameOf(channels, c));
  if (samples <= MOST_SAMPLES && values.length <= MOST_NUMBERS) {
    const rows = Array.from({ length: samples }, (_, t) =>
      [t, ...Array.from({ length: width }, (_, c) => short(values[t * width + c]!))].join(','),
    );
    return [`sample,${names.join(',')}`, ...rows].join('\n');
  }
  const bins = Math.min(samples, MOST_SAMPLES, Math.max(8, Math.floor(MOST_NUMBERS / (3 * width))));
  const rows = Array.from({ length: bins }, (_, b) => {
    const [from, to] = [Math.floor((b * samples) / bins), Math.floor(((b + 1) * samples) / bins)];
    const cells = Array.from({ length: width }, (_, c) => {
      const own = Array.from({ length: to - from }, (_, t) => values[(from + t) * width + c]!);
      const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
      return [mean, Math.min(...own), Math.max(...own)].map(short).join(',');
    });
    return `${from}-${to - 1},${cells.join(',')}`;
  });
  const head = names.map((name) => `${name} mean,${name} min,${name} max`).join(',');
  return [`${samples} samples in ${bins} bins`, `samples,${head}`, ...rows].join('\n');
}

/** One character a place; a block of several is bad where one of them is. */
function mapText(unit: MapObservation): string {
  const fault = mapFault(unit);
  if (fault !== undefined) throw new Error(fault);
  const { width, height, values } = unit;
  const block = Math.ceil(Math.max(width, height) / MOST_CELLS);
  const lines: string[] = [];
  for (let y = 0; y < height; y += block) {
    let line = '';
    for (let x = 0; x < width; x += block) {
      let worst = 0;
      for (let v = y; v < Math.min(height, y + block); v++)
        for (let u = x; u < Math.min(width, x + block); u++) worst = Math.max(worst, values[v * width + u]!);
      line += '.oX'[worst] ?? '.';
    }
    lines.push(line);
  }
  const scale =
    block === 1 ? '' : `; a character stands for ${block} x ${block} places, X where one of them is bad`;
  return [`. outside, o good place, X bad place${scale}`, ...lines].join('\n');
}

async function pictures({ source, template }: ImageObservation): Promise<MessagePart[]> {
  const own = await dataUrl(source);
  if (template === undefined) return [own];
  return [
    text('The unit:'),
    own,
    text('The same product without a fault, to compare with:'),
    await dataUrl(template),
  ];
}

/** Decoded and written anew: turned as its EXIF says, without EXIF or any other text in the file. JPEG stays JPEG. */
async function dataUrl(source: ImageObservation['source']): Promise<MessagePart> {
  const picture = await openPicture(source);
  const { format } = await picture.metadata();
  const small = picture
    .resize(LONGEST_SIDE, LONGEST_SIDE, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
  const type = format === 'jpeg' ? 'jpeg' : 'png';
  const bytes = await (type === 'jpeg' ? small.jpeg({ quality: 92 }) : small.png()).toBuffer();
  return { type: 'image_url', image_url: { url: `data:image/${type};base64,${bytes.toString('base64')}` } };
}
