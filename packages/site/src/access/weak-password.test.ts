import { describe, expect, it } from 'vitest';
import { weakness } from './weak-password.js';

const WORDS = ['Olga Petrova', 'North plant', 'selvedge'];

describe('a new password', () => {
  it.each([
    ['what many choose', '123456789987654321'],
    ['what many choose, dressed up', 'Password2026!!!!'],
    ['the same in other letters', 'ＰＡＳＳＷＯＲＤ２０２６！！'],
    ['what many choose, twice', 'iloveyouiloveyou'],
    ['what many choose, twice and dressed up', 'Iloveyouiloveyou99'],
    ['one character', 'aaaaaaaaaaaaaaaaaaaa'],
    ['a short repetition', 'abc1abc1abc1abc1'],
    ['a repetition that is cut short', 'xy9xy9xy9xy9xy9x'],
    ['runs along the keys', 'qwertyuiop1234567'],
    ['runs backwards', '9876543210zyxwvuts'],
    ['the own name', 'Olga.Petrova.1987'],
    ['the site', 'northplant-northplant1'],
    ['the program', 'Selvedge-2026-!!!'],
    ['the site and the name', 'Olga@North plant 1'],
  ])('is refused where it is %s', (_, password) => {
    expect(weakness(password, WORDS)).toMatch(/Choose another one/);
  });

  it.each([
    ['words', 'correct horse battery'],
    ['digits and words', 'correct horse 1'],
    ['a sentence with the own name', 'I am Olga and I know it well'],
    ['random letters', 'vmkqjzthgwpxrbd'],
    ['one kind of characters', 'zebrafenstertaxi'],
    ['another script', '正确的马电池订书钉春天里的一条大河'],
  ])('is taken where it is %s', (_, password) => {
    expect(weakness(password, WORDS)).toBe(null);
  });

  it('is judged at once, whatever it is', () => {
    const from = performance.now();
    weakness('ab'.repeat(100), WORDS);
    weakness(`${'a'.repeat(199)}b`, WORDS);
    expect(performance.now() - from).toBeLessThan(500);
  });
});
