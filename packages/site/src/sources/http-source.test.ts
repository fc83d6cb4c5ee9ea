import type { LineView } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import { until } from '../../test/plant-with-equipment.js';
import { equipment, owner, runningSite } from '../../test/running-site.js';

const IMAGES = `
    observation: { kind: image }
    model: { recipe: auto }
    doubleReadShare: 0`;

/** A picture in everything that this needs of one: bytes that stay the same. */
const picture = (n: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([0x89, 0x50, 0x4e, 0x47, n, 0, 0xff, 0x0a, n]);

type Answer = {
  status: number;
  body: { seq?: number; again?: boolean; error?: { code: string; message: string } };
};

async function camera() {
  const { site, address } = await runningSite(undefined, { station: IMAGES });
  const ada = await owner(site);
  const { secret, bring } = await equipment(address, ada);
  const raw = async (body: BodyInit, contentType?: string): Promise<Answer> => {
    const authorization = `Bearer ${secret}`;
    const headers =
      contentType === undefined ? { authorization } : { authorization, 'content-type': contentType };
    const answer = await fetch(`${address}/api/in/press/press-1`, { method: 'POST', headers, body });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  };
  const post = (parts: Record<string, string | Uint8Array<ArrayBuffer>>): Promise<Answer> => {
    const form = new FormData();
    for (const [name, part] of Object.entries(parts))
      if (typeof part === 'string') form.append(name, part);
      else form.append(name, new Blob([part], { type: 'image/png' }), `${name}.png`);
    return raw(form);
  };
  const { journal } = site.parts;
  const arrived = () =>
    journal.read({ kind: 'arrived', limit: 999 }).map(({ subject, body }) => ({
      id: subject,
      ...(body as { context: Record<string, unknown>; lot: string | null; sourceAtMs: number | null }),
    }));
  const notes = () =>
    journal.read({ kind: 'part', limit: 99 }).map(({ body }) => (body as { why: string }).why);
  const troubles = async () =>
    JSON.stringify(((await (await ada.get('/api/line')).json()) as LineView).stations[0]?.troubles);
  return { site, raw, post, bring, arrived, notes, troubles };
}

describe('a unit that is posted as a form', () => {
  it('has its picture as a file and the rest as parts, or as one document; both are kept as they came', async () => {
    const { site, post, arrived } = await camera();
    const said = { id: 'a', lot: 'L7', atMs: '1700000000000', context: '{"gain":2,"exposure":"1 ms"}' };
    expect(await post({ ...said, image: picture(1), frame: '11', camera: 'left' })).toMatchObject({
      ...{ status: 200, body: { again: false } },
    });
    expect(await post({ unit: '{"id":"b","frame":12,"camera":"left"}', image: picture(2) })).toMatchObject({
      status: 200,
    });
    expect(arrived()).toMatchObject([
      {
        id: 'a',
        lot: 'L7',
        sourceAtMs: 1_700_000_000_000,
        context: { gain: 2, exposure: '1 ms', frame: 11, camera: 'left' },
      },
      { id: 'b', context: { frame: 12, camera: 'left' } },
    ]);
    const refs = site.parts.journal
      .read({ kind: 'arrived', limit: 9 })
      .map(({ body }) => (body as { observation: { blob: string } }).observation.blob);
    expect(await Promise.all(refs.map((ref) => site.parts.blobs.get(ref)))).toEqual(
      [picture(1), picture(2)].map((bytes) => Buffer.from(bytes)),
    );
  });

  it('that lacks something, or says what nobody understands, is refused with what to do; nothing of it is taken', async () => {
    const { post, arrived } = await camera();
    const wrong: readonly [string, Record<string, string | Uint8Array<ArrayBuffer>>, string][] = [
      ['without an id', { image: picture(1) }, 'id'],
      ['without a picture', { id: 'x' }, 'exactly one'],
      ['with a picture that is empty', { id: 'x', image: new Uint8Array(0) }, 'empty'],
      ['with a picture that is a text', { id: 'x', image: 'abc' }, 'filename'],
      ['with a part that nobody knows', { id: 'x', image: picture(1), colour: 'red' }, 'no part colour'],
      [
        'with a frame that is no number',
        { id: 'x', image: picture(1), frame: 'twelve' },
        'frame is no number',
      ],
      ['with a frame below 0', { id: 'x', image: picture(1), frame: '-1' }, 'frame'],
      ['with a context that is no JSON', { id: 'x', image: picture(1), context: '{' }, 'context is no JSON'],
      ['that says something twice', { unit: '{"id":"y"}', id: 'x', image: picture(1) }, 'twice'],
      ['with a document that is a list', { unit: '[1]', image: picture(1) }, 'no JSON object'],
    ];
    for (const [what, parts, says] of wrong) {
      const answer = await post(parts);
      expect([what, answer.status, answer.body.error?.message]).toEqual([
        ...[what, 422, expect.stringContaining(says)],
      ]);
    }
    expect(arrived()).toEqual([]);
    expect(await post({ id: 'x', image: picture(1) })).toMatchObject({ status: 200 });
  });

  it('that is cut short, has no boundary, too many parts or too many bytes is refused, and the next one is taken', async () => {
    const { raw, post, arrived } = await camera();
    const head = '--B\r\ncontent-disposition: form-data; name="id"\r\n\r\nx\r\n';
    const many = `${Array.from({ length: 60 }, () => head).join('')}--B--\r\n`;
    for (const [body, type] of [
      [head, 'multipart/form-data; boundary=B'],
      [`${head}--B--\r\n`, 'multipart/form-data'],
      [many, 'multipart/form-data; boundary=B'],
      ['', 'multipart/form-data; boundary=B'],
    ] as const)
      expect(await raw(body, type)).toMatchObject({ status: 400, body: { error: { code: 'bad-form' } } });
    const large = await raw('x'.repeat(70_000_000), 'multipart/form-data; boundary=B').catch(() => ({
      status: 413,
    }));
    expect(large.status).toBe(413);
    expect((await raw('<xml/>', 'text/xml')).status).toBe(415);
    expect(arrived()).toEqual([]);
    expect(await post({ id: 'x', image: picture(1) })).toMatchObject({ status: 200 });
  });
});

describe('a unit that is posted again', () => {
  it('is acknowledged as one that was here, also where it comes twice at once', async () => {
    const { post, arrived } = await camera();
    const unit = { id: 'a', image: picture(1), frame: '1' };
    const twice = await Promise.all([post(unit), post(unit), post(unit)]);
    expect(twice.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(twice.map(({ body }) => body.again).sort()).toEqual([false, true, true]);
    expect(new Set(twice.map(({ body }) => body.seq)).size).toBe(1);
    expect(await post(unit)).toMatchObject({ status: 200, body: { again: true } });
    expect(arrived()).toHaveLength(1);
  });

  it('with another picture is another unit: refused, and the first stands', async () => {
    const { post, bring, arrived } = await camera();
    expect(await post({ id: 'a', image: picture(1) })).toMatchObject({ status: 200 });
    expect(await post({ id: 'a', image: picture(2) })).toMatchObject({
      ...{ status: 409, body: { error: { code: 'id-used' } } },
    });
    expect((await bring({ id: 'a', row: [1] })).status).toBe(409);
    const same = { id: 'a', image: Buffer.from(picture(1)).toString('base64') };
    expect(await (await bring(same)).json()).toMatchObject({ again: true });
    expect(arrived()).toHaveLength(1);
  });
});

describe('numbers of frames that are posted', () => {
  it('late ones fill their place, missing ones are counted and shown, and a unit that comes again is none', async () => {
    const { post, notes, troubles } = await camera();
    const shot = (frame: number) => post({ id: `u${frame}`, image: picture(frame), frame: String(frame) });
    for (const frame of [5, 6, 9, 8, 12]) expect((await shot(frame)).status).toBe(200);
    // A unit that comes again is no frame that comes again.
    await shot(12);
    await until(async () => (await troubles())?.includes('3 frames were dropped') === true);
    expect(notes().filter((why) => why.includes('never came'))).toEqual([
      '1 of the frames between 6 and 9 never came: as many units were seen by nobody',
      '2 of the frames between 9 and 12 never came: as many units were seen by nobody',
    ]);
  }, 20_000);
});
