import { parseOptions } from '@node-rs/argon2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CHEAP, ownFolder } from '../../test/access/kit.js';
import { openCredentials } from './credentials-file.js';
import { createPasswords, OWASP_ARGON2 } from './passwords.js';

async function openFile() {
  const db = await openCredentials(await ownFolder());
  onTestFinished(() => db.close());
  return db;
}

describe('passwords', () => {
  it('are hashed as OWASP asks', async () => {
    const passwords = await createPasswords(await openFile(), OWASP_ARGON2);
    const hashed = await passwords.hash('correct horse 1', 'Ada');
    // Algorithm 2 is argon2id, version 1 is 0x13.
    expect(parseOptions(hashed)).toMatchObject({
      ...{ algorithm: 2, version: 1, memoryCost: 19_456, timeCost: 2, parallelism: 1 },
      ...{ outputLen: 32, saltLen: 16 },
    });
    expect(await passwords.hash('correct horse 1', 'Ada')).not.toBe(hashed);
  });

  it('are the same however the keyboard composed them', async () => {
    const passwords = await createPasswords(await openFile(), CHEAP);
    passwords.keep('user:1', await passwords.hash('pa\u0308sswo\u0308rt 1', 'Ada'), 1);
    expect(await passwords.check('user:1', 'p\u00e4ssw\u00f6rt 1', 2)).toBe(true);
    expect(await passwords.check('user:1', 'passwort 1', 2)).toBe(false);
    expect(await passwords.check('user:2', 'p\u00e4ssw\u00f6rt 1', 2)).toBe(false);
    expect(await passwords.check(null, 'p\u00e4ssw\u00f6rt 1', 2)).toBe(false);
  });

  it('are hashed anew at sign-in where the cost was another', async () => {
    const db = await openFile();
    const before = await createPasswords(db, CHEAP);
    before.keep('user:1', await before.hash('correct horse 1', 'Ada'), 1);
    const after = await createPasswords(db, { ...CHEAP, timeCost: 2 });
    const cost = () => parseOptions(String(db.prepare('SELECT hash FROM password').get()?.hash)).timeCost;
    expect(await after.check('user:1', 'wrong horse 1', 2)).toBe(false);
    expect(cost()).toBe(1);
    expect(await after.check('user:1', 'correct horse 1', 2)).toBe(true);
    expect(cost()).toBe(2);
    expect(await after.check('user:1', 'correct horse 1', 3)).toBe(true);
  });

  it('are refused while too many wait, and go on afterwards', async () => {
    const passwords = await createPasswords(await openFile(), CHEAP);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => passwords.check(null, 'correct horse 1', 1)),
    );
    const failed = results.filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(50 - 2 - 32);
    expect(failed[0]).toMatchObject({ reason: { statusCode: 429, code: 'too-many' } });
    expect(await passwords.check(null, 'correct horse 1', 1)).toBe(false);
  });
});
