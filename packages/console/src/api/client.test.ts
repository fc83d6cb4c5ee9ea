import { describe, expect, it } from 'vitest';
import { createClient } from './client.js';
import type { Schema } from './paths.js';

const text: Schema<string> = {
  safeParse: (value) =>
    typeof value === 'string' ? { success: true, data: value } : { success: false, error: 'no text' },
};

/** Answers one after the other; `cut` breaks the connection. */
function speaking(...answers: (Response | 'cut')[]) {
  const heard: boolean[] = [];
  const tokens: (string | null)[] = [];
  const fetcher: typeof fetch = async (_input, init) => {
    tokens.push(new Headers(init?.headers).get('x-csrf-token'));
    const next = answers.shift();
    if (next === undefined || next === 'cut') throw new TypeError('network');
    return next;
  };
  const client = createClient(
    fetcher,
    (reached) => heard.push(reached),
    async () => client.setCsrf('new'),
  );
  return { client, heard, tokens };
}
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });
const refused = (status: number, code: string) => json(status, { error: { code, message: 'Why.' } });

describe('client', () => {
  it('reads what has the right form, and nothing else', async () => {
    const { client } = speaking(json(200, 'yes'), json(200, 7), new Response('<html>', { status: 200 }));
    expect(await client.get({ path: '/a', schema: text })).toEqual({ ok: true, value: 'yes' });
    for (let i = 0; i < 2; i++)
      expect(await client.get({ path: '/a', schema: text })).toMatchObject({ fault: { kind: 'unread' } });
  });

  it('tells a server that is gone from one that says no', async () => {
    const { client, heard } = speaking(
      'cut',
      refused(409, 'over'),
      json(502, 'proxy'),
      refused(500, 'internal'),
    );
    const ask = { path: '/a', schema: text };
    expect(await client.get(ask)).toMatchObject({ fault: { kind: 'unreached' } });
    expect(await client.get(ask)).toMatchObject({
      fault: { kind: 'refused', code: 'over', message: 'Why.' },
    });
    expect(await client.get(ask)).toMatchObject({ fault: { kind: 'unreached' } });
    expect(await client.get(ask)).toMatchObject({ fault: { kind: 'refused', status: 500 } });
    expect(heard).toEqual([false, true, false, true]);
  });

  it('tries once more with the token of the session that is now, never twice', async () => {
    const { client, tokens } = speaking(
      refused(403, 'csrf'),
      json(200, 'yes'),
      refused(403, 'csrf'),
      refused(403, 'csrf'),
    );
    client.setCsrf('old');
    expect(await client.send('/a', {}, text)).toEqual({ ok: true, value: 'yes' });
    expect(tokens).toEqual(['old', 'new']);
    expect(await client.send('/a', {}, text)).toMatchObject({ fault: { code: 'csrf' } });
    expect(tokens.length).toBe(4);
  });
});
