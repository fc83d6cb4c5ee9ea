import { randomBytes } from 'node:crypto';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { plant, plantFolder, until } from '../../test/plant.js';
import { LARGEST_BYTES } from './unit-file.js';

type Plant = Awaited<ReturnType<typeof plant>>;

const SERIES = '{ kind: series, channels: [{ name: force, unit: kN }, { name: way, unit: mm }] }';

async function folders(): Promise<{ root: string; out: string }> {
  const root = await plantFolder();
  const out = join(root, 'out');
  await mkdir(out);
  return { root, out };
}

const reading = (
  { root, out }: { root: string; out: string },
  { observation = '{ kind: image }', watch = true, input = '', more = '' } = {},
) =>
  plant(root, {
    observation,
    model: '{ recipe: auto }',
    connector: `kind: folder, path: ${out}, watch: ${watch}`,
    input,
    more,
  });

const picture = (shade: number): Promise<Buffer> =>
  sharp({ create: { width: 24, height: 16, channels: 3, background: { r: shade, g: 40, b: 90 } } })
    .png()
    .toBuffer();

/** A file as equipment leaves it, with the time at which it was written. */
async function put(out: string, name: string, content: string | Uint8Array, second = 0): Promise<void> {
  await writeFile(join(out, name), content);
  const at = new Date(Date.UTC(2026, 0, 5, 6, 0, second));
  await utimes(join(out, name), at, at);
}

const arrived = (line: Plant) =>
  line.parts.journal.read({ kind: 'arrived', limit: 100_000 }).map(({ subject, body }) => ({
    id: subject,
    ...(body as {
      lot: string | null;
      context: Record<string, unknown>;
      observation: Record<string, unknown>;
    }),
  }));
const ids = (line: Plant) => arrived(line).map(({ id }) => id);
const faultOf = (line: Plant, id: string) => arrived(line).find((unit) => unit.id === id)?.context.fault;

describe('a folder of pictures', () => {
  it('gives one unit a file, in order of time, and knows each again after a restart', async () => {
    const place = await folders();
    for (const [i, name] of ['c', 'a', 'b'].entries())
      await put(place.out, `${name}.png`, await picture(i), i);
    const line = await reading(place);
    await until(() => ids(line).length === 3);
    expect(ids(line)).toEqual(['c', 'a', 'b']);
    const [first] = arrived(line);
    expect(first).toMatchObject({ lot: null, context: { file: 'c.png' }, observation: { kind: 'image' } });
    expect(await line.parts.blobs.get(String(first!.observation.blob))).toEqual(await picture(0));
    await put(place.out, 'd.png', await picture(9), 9);
    await until(() => ids(line).length === 4);
    await line.site.close();

    await put(place.out, 'e.png', await picture(10), 10);
    const again = await reading(place);
    await until(() => ids(again).length === 5);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ids(again)).toEqual(['c', 'a', 'b', 'd', 'e']);
    expect(again.troubles()).not.toMatch(/changed|came before/);
    // The site reads there and changes nothing.
    expect((await readdir(place.out)).sort()).toEqual(['a.png', 'b.png', 'c.png', 'd.png', 'e.png']);
  });

  it('takes id, lot and context of a unit from its side file, and says what is wrong with one', async () => {
    const place = await folders();
    const side = { id: 'unit 7', lot: 'L1', context: { mould: 4 } };
    await put(place.out, 'p1.json', JSON.stringify(side));
    await put(place.out, 'p1.png', await picture(1), 1);
    // A file that is named like another's unit is a unit of its own.
    await put(place.out, 'p2.png.json', JSON.stringify({ id: 'p1' }));
    await put(place.out, 'p2.png', await picture(2), 2);
    await put(place.out, 'p3.json', '{ "lot": 5 }');
    await put(place.out, 'p3.png', await picture(3), 3);
    const line = await reading(place);
    await until(() => ids(line).length === 3, 30_000);
    expect(arrived(line).slice(0, 2)).toMatchObject([
      { id: 'unit 7', lot: 'L1', context: { mould: 4, file: 'p1.png' } },
      { id: 'p1', lot: null, context: { file: 'p2.png' } },
    ]);
    expect(faultOf(line, 'p3')).toMatch(/its side file p3.json says nothing: lot:/);
    await line.site.close();
    const again = await reading(place);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ids(again)).toHaveLength(3);
    expect(again.troubles()).not.toMatch(/came before/);
  });

  it('counts the frames that names carry and that never came', async () => {
    const place = await folders();
    for (const n of [17, 18, 21]) await put(place.out, `cam1_${n}_top.png`, await picture(n), n);
    const line = await reading(place, { input: `, frame: 'cam1_(\\d+)'` });
    await until(() => ids(line).length === 3);
    const notes = () =>
      line.parts.journal.read({ kind: 'part', limit: 99 }).map(({ body }) => (body as { why: string }).why);
    await until(() => notes().some((why) => why.startsWith('2 of the frames between 18 and 21 never came')));
    expect(arrived(line).map(({ context }) => context.frame)).toEqual([17, 18, 21]);
  });

  it('waits for a file that is still being written, and for one that is renamed into its place', async () => {
    const place = await folders();
    const line = await reading(place);
    const whole = await picture(5);
    const slow = await open(join(place.out, 'slow.png'), 'w');
    await put(place.out, 'moved.png.part', whole.subarray(0, 20));
    const step = Math.ceil(whole.length / 6);
    for (let from = 0; from < whole.length; from += step) {
      await slow.write(whole.subarray(from, from + step));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(ids(line)).toEqual([]);
    }
    await slow.close();
    await writeFile(join(place.out, 'moved.png.part'), whole);
    await rename(join(place.out, 'moved.png.part'), join(place.out, 'moved.png'));
    await until(() => ids(line).length === 2);
    expect(arrived(line).every(({ context }) => context.fault === undefined)).toBe(true);
    const sizes = arrived(line).map(({ observation }) => observation.bytes);
    expect(sizes).toEqual([whole.length, whole.length]);
  });

  it('brings what cannot be read to a person with the reason, and drops nothing', async () => {
    const place = await folders();
    const whole = await picture(1);
    await put(place.out, 'empty.png', '');
    await put(place.out, 'cut.png', whole.subarray(0, whole.length - 20), 1);
    await put(place.out, 'noise.jpg', randomBytes(500), 2);
    const jpeg = await sharp(whole).jpeg().toBuffer();
    await put(place.out, 'cut2.jpg', jpeg.subarray(0, jpeg.length - 30), 6);
    await put(place.out, 'huge.png', '', 3);
    await truncate(join(place.out, 'huge.png'), LARGEST_BYTES + 1);
    await put(place.out, `${'long'.repeat(60)}.png`, whole, 4);
    await put(place.out, 'good.png', whole, 5);
    // No unit: a folder, a link to somewhere else, notes.
    await mkdir(join(place.out, 'x.png'));
    await put(place.root, 'secret', 'password');
    await symlink(join(place.root, 'secret'), join(place.out, 'link.png'));
    await put(place.out, 'notes.txt', 'hello');
    await put(place.out, '.hidden.png', whole);
    const line = await reading(place);
    await until(() => ids(line).length === 7, 30_000);
    await line.station.idle();
    expect(faultOf(line, 'empty')).toMatch(/it is empty/);
    expect(faultOf(line, 'cut')).toMatch(/the end of the picture is missing/);
    expect(faultOf(line, 'noise')).toMatch(/cannot be read/);
    expect(faultOf(line, 'huge')).toMatch(/too large: 65 MB, at most 64 MB/);
    expect(faultOf(line, 'good')).toBe(undefined);
    const long = ids(line).find((id) => id?.startsWith('longlong'));
    expect(long).toMatch(/^.{183}~[0-9a-f]{16}$/);
    expect(line.station.answers.questions.list()).toHaveLength(7);
    expect(faultOf(line, 'cut2')).toMatch(/the end of the picture is missing/);
    expect(line.troubles()).toMatch(/3 of its entries are no files that this station reads/);
    // Nothing of what the link points to has reached the site.
    expect(JSON.stringify(arrived(line))).not.toMatch(/secret|link/);
  });

  it('reports a file that changes after it was taken, and another one of the same id', async () => {
    const place = await folders();
    await put(place.out, 'a.png', await picture(1), 1);
    const line = await reading(place);
    await until(() => ids(line).length === 1);
    await writeFile(join(place.out, 'a.png'), await picture(2));
    await until(() => /a\.png changed after it was taken/.test(line.troubles()));
    await put(place.out, 'a.jpg', await picture(3), 3);
    await until(() => /a\.jpg has the id a of a unit that came before/.test(line.troubles()));
    await line.site.close();
    expect(ids(await reading(place))).toEqual(['a']);
  });

  it('takes files that vanish or are renamed while they are read as they come to be', async () => {
    const place = await folders();
    const line = await reading(place);
    for (let n = 0; n < 20; n += 1) {
      await put(place.out, `n${n}.png`, await picture(n), n);
      if (n % 3 === 0) await rename(join(place.out, `n${n}.png`), join(place.out, `m${n}.png`));
      if (n % 5 === 4) await rm(join(place.out, `n${n}.png`), { force: true });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    const left = (await readdir(place.out)).map((name) => name.slice(0, -4)).sort();
    await until(() => left.every((id) => ids(line).includes(id)));
    expect(new Set(ids(line)).size).toBe(ids(line).length);
  });

  it('is a trouble of its station while the folder is away, and goes on when it is there again', async () => {
    const place = await folders();
    const line = await reading(place);
    await put(place.out, 'a.png', await picture(1), 1);
    await until(() => ids(line).length === 1);
    await rename(place.out, `${place.out}-away`);
    await until(() => /ENOENT.*it is tried again/.test(line.troubles()));
    await rename(`${place.out}-away`, place.out);
    await put(place.out, 'b.png', await picture(2), 2);
    await until(() => ids(line).length === 2);
    await until(() => !/ENOENT/.test(line.troubles()));
    expect(line.rows('part', 'folder press-1').map(({ state }) => state)).toEqual(['up', 'restarting', 'up']);
  });
});

describe('a folder of tables', () => {
  it('reads traces by rows and channels, with and without a header, once where it does not watch', async () => {
    const place = await folders();
    await put(place.out, 'plain.csv', '1,2\n3,4\n5,6\n', 1);
    await put(place.out, 'named.csv', 'time;way;force\r\n0;2,5;1\r\n1;4;3,25\r\n', 2);
    await put(place.out, 'odd.csv', '1,2\n3\n', 3);
    await put(place.out, 'words.csv', '1,2\nx,4\n', 4);
    await put(place.out, 'other.csv', 'force,torque\n1,2\n', 5);
    await put(place.out, 'wide.csv', '1,2,3\n', 6);
    await put(place.out, 'binary.csv', Buffer.from([0, 1, 2, 0]), 7);
    const line = await reading(place, { observation: SERIES, watch: false });
    await until(() => ids(line).length === 7, 30_000);
    const read = async (id: string) => {
      const { observation } = arrived(line).find((unit) => unit.id === id)!;
      const bytes = await line.parts.blobs.get(String(observation.blob));
      return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
    };
    expect(await read('plain')).toEqual([1, 2, 3, 4, 5, 6]);
    // By name, whatever their order; a decimal comma beside a semicolon.
    expect(await read('named')).toEqual([1, 2.5, 3.25, 4]);
    expect(faultOf(line, 'odd')).toMatch(/row 2 has 1 cells, the others have 2: is it whole/);
    expect(faultOf(line, 'words')).toMatch(/row 2 has no number for force/);
    expect(faultOf(line, 'other')).toMatch(/its header has no way among its channels/);
    expect(faultOf(line, 'wide')).toMatch(/it has 3 channels, the station has 2: force, way/);
    expect(faultOf(line, 'binary')).toMatch(/it is no text/);
    expect(await read('odd')).toEqual([]);
    await put(place.out, 'later.csv', '1,2\n', 9);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(ids(line)).not.toContain('later');
  });

  it('gives scores that are written into files to the gate, and what is doubtful to a person', async () => {
    const place = await folders();
    await put(place.out, 'sound.csv', 'score\n0.2\n', 1);
    await put(place.out, 'broken.csv', 'score\nhigh\n', 2);
    await put(place.out, 'nameless.csv', '0.1\n', 3);
    await put(place.out, 'nameless.json', '{ "id": 7 }');
    const line = await plant(place.root, {
      observation: '{ kind: score }',
      model: '{ recipe: score }',
      connector: `kind: folder, path: ${place.out}`,
    });
    await until(() => line.rows('decided').length === 3, 30_000);
    const said = (id: string) => line.rows('decided', id)[0];
    expect(said('sound')).toMatchObject({ score: 0.2, noScore: null });
    expect(said('broken')).toMatchObject({
      score: null,
      noScore: expect.stringMatching(/file cannot be read/),
    });
    // Its score may be right, but nobody knows of which unit.
    expect(said('nameless')).toMatchObject({ score: null, noScore: expect.stringMatching(/its side file/) });
    const reasons = line.rows('asked').map(({ reason }) => reason);
    expect(reasons.sort()).toEqual(['no-score', 'no-score', 'shadow']);
  });

  it('takes only the names of its pattern and its own folder below the path', async () => {
    const place = await folders();
    await mkdir(join(place.out, 'press (1)'));
    await put(join(place.out, 'press (1)'), 'a_top.csv', '1,2\n', 1);
    await put(join(place.out, 'press (1)'), 'a_side.csv', '1,2\n', 2);
    await put(place.out, 'b_top.csv', '1,2\n', 3);
    const line = await reading(place, {
      observation: SERIES,
      input: ', subfolder: press (1), pattern: "*_top.csv"',
    });
    await until(() => ids(line).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(ids(line)).toEqual(['a_top']);
  });

  it('waits where the station cannot take more, and loses nothing', async () => {
    const place = await folders();
    for (let n = 0; n < 60; n += 1) await put(place.out, `u${n}.csv`, `${n},2\n3,4\n`, n);
    const line = await reading(place, { observation: SERIES, more: '    queue: { most: 2 }' });
    // Somebody else fills the same short queue all the time.
    let [refused, n] = [0, 0];
    const values = Float32Array.of(1, 2);
    const flood = setInterval(() => {
      for (let k = 0; k < 4; k += 1)
        line.arrive(`other ${n++}`, { kind: 'series', channels: 2, values }).catch(() => {
          refused += 1;
        });
    }, 4);
    const own = () => ids(line).filter((id) => id?.startsWith('u'));
    await until(() => own().length === 60, 50_000).finally(() => clearInterval(flood));
    expect(refused).toBeGreaterThan(0);
    expect(line.logged.every(({ event }) => event !== 'part-crashed' && event !== 'unit-not-taken')).toBe(
      true,
    );
    expect([...own()].sort()).toEqual(Array.from({ length: 60 }, (_, i) => `u${i}`).sort());
    await appendFile(join(place.out, 'u59.csv'), '5,6\n');
    await until(() => /u59\.csv changed after it was taken/.test(line.troubles()));
    expect((await stat(join(place.out, 'u59.csv'))).size).toBeGreaterThan(0);
  });
});
