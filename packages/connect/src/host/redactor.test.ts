import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';

describe('what is taken out of the words of a connector', () => {
  it('is a secret as it is, in an address, in base64, in JSON, and line by line', () => {
    const redactor = new Redactor();
    const secret = 'p@ss "word"/1';
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
    redactor.learn(secret);
    redactor.learn(`-----BEGIN PRIVATE KEY-----\n${line}\n-----END PRIVATE KEY-----\n`);
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), line];
    for (const form of forms) expect(redactor.text(`a ${form} b`)).toBe('a ••• b');
    expect(redactor.text(JSON.stringify({ secret }))).toBe('{"secret":"•••"}');
    expect(redactor.text('-----BEGIN PRIVATE KEY-----')).toContain('BEGIN');
    expect(redactor.data({ a: [{ b: secret }], n: 1, none: null })).toEqual({
      a: [{ b: '•••' }],
      n: 1,
      none: null,
    });
  });

  it('is who asks at an address, known or not', () => {
    const redactor = new Redactor();
    expect(redactor.text('mqtts://me:pw@broker:8883 and opc.tcp://host/path')).toBe(
      'mqtts://•••@broker:8883 and opc.tcp://host/path',
    );
  });

  it('is nothing so short that it hides other words', () => {
    const redactor = new Redactor();
    redactor.learn('no');
    expect(redactor.text('no answer')).toBe('no answer');
  });
});
