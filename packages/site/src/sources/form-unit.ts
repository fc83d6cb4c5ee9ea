import { Refusal } from '../access/refusal.js';

/** Parts of a form at most: a unit has no more to say. */
const MOST_PARTS = 40;

const TEXTS = ['id', 'lot', 'camera'];
const NUMBERS = ['atMs', 'frame', 'score'];
const DOCUMENTS = ['context', 'series', 'row'];

const wrong = (code: string, message: string): Refusal => new Refusal({ status: 422, code, message });

/**
 * A unit that comes as a form (RFC 7578, as `curl -F` and every library of a camera sends it): the fields of a unit as
 * parts, numbers as digits, `context`, `series` and `row` as JSON, the picture as the file `image`. Or the part `unit` with
 * all of them as one JSON document. Gives the document that would have come as JSON.
 *
 * @throws Refusal 400 where it is no form, 422 where a part says nothing.
 */
export async function unitOfForm(
  body: Buffer<ArrayBuffer>,
  contentType: string,
): Promise<Record<string, unknown>> {
  const form = await formOf(body, contentType);
  const unit: Record<string, unknown> = {};
  const put = (name: string, value: unknown): void => {
    if (Object.hasOwn(unit, name)) throw wrong('twice', `The form says ${name} twice. Send it once.`);
    unit[name] = value;
  };
  for (const [name, value] of form) {
    if (name === 'image') {
      if (typeof value === 'string')
        throw wrong('no-file', 'Send the picture as a file: the part image needs a filename.');
      const bytes = Buffer.from(await value.arrayBuffer());
      if (bytes.length === 0) throw wrong('empty-image', 'The picture is empty. Send its bytes.');
      put('image', bytes.toString('base64'));
      continue;
    }
    const text = typeof value === 'string' ? value : await value.text();
    if (name === 'unit') {
      const document = json(name, text);
      if (typeof document !== 'object' || document === null || Array.isArray(document))
        throw wrong('no-json', 'The part unit is no JSON object. Send {"id": …}.');
      for (const [key, one] of Object.entries(document)) put(key, one);
    } else if (TEXTS.includes(name)) put(name, text);
    else if (NUMBERS.includes(name)) {
      if (text.trim() === '' || !Number.isFinite(Number(text)))
        throw wrong('no-number', `The part ${name} is no number. Send digits.`);
      put(name, Number(text));
    } else if (DOCUMENTS.includes(name)) put(name, json(name, text));
    else
      throw wrong(
        'unknown-part',
        `A unit has no part ${name.slice(0, 60)}. Send ${['unit', ...TEXTS, ...NUMBERS, ...DOCUMENTS, 'image'].join(', ')}.`,
      );
  }
  return unit;
}

function json(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('no-json', `The part ${name} is no JSON.`);
  }
}

/** A form by the parser that comes with Node. */
async function formOf(body: Buffer<ArrayBuffer>, contentType: string): Promise<FormData> {
  const unread = (why: string): Refusal =>
    new Refusal({
      ...{ status: 400, code: 'bad-form' },
      message: `The form could not be read: ${why}. Send multipart/form-data with its boundary, whole.`,
    });
  const [, quoted, bare] = /boundary=(?:"([^"]{1,70})"|([^\s;,"]{1,70}))/i.exec(contentType) ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw unread('its content type names no boundary');
  const mark = Buffer.from(`--${boundary}`);
  let parts = 0;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    parts += 1;
    if (parts > MOST_PARTS + 1) throw unread(`it has more than ${MOST_PARTS} parts`);
  }
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw unread(error instanceof Error ? error.message.slice(0, 120) : 'it is none');
  }
}
