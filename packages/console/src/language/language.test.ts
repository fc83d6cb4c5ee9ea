import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatOf } from './format.js';
import { en as saidEn } from './said/en.js';
import { id as saidId } from './said/id.js';
import { zh as saidZh } from './said/zh.js';
import { said } from './said.js';
import { chooseLanguage, fill, guessLanguage, type Language, TEXTS, type TextKey } from './texts.js';
import { wordsOf } from './use-words.js';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort();
const keys = Object.keys(TEXTS.en) as TextKey[];

describe('texts', () => {
  it.each(['zh', 'id'] as const)('%s says everything, with the same values, and nothing more', (language) => {
    expect(Object.keys(TEXTS[language])).toEqual(keys);
    for (const key of keys) expect([key, places(TEXTS[language][key])]).toEqual([key, places(TEXTS.en[key])]);
    const same = keys.filter(
      (key) =>
        TEXTS[language][key] === TEXTS.en[key] && /[a-z]{4}/.test(TEXTS.en[key].replace(/\{\w+\}/g, '')),
    );
    // Words that are the same in Indonesian, names, and texts that are only a value.
    const known = [
      'brand',
      'menu',
      'roleOperator',
      'takt',
      'model',
      'certificateHash',
      'typeAudit',
      'proofEpoch',
      'askUnit',
      'unitTitle',
    ];
    expect(same.filter((key) => !known.includes(key))).toEqual([]);
  });

  it('says nothing that no page shows', () => {
    const root = join(import.meta.dirname, '..');
    const source = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !/texts\/.*(en|zh|id)\.ts$|\.test\.ts$/.test(name))
      .map((name) => readFileSync(join(root, name), 'utf8'))
      .join('\n');
    expect(keys.filter((key) => !source.includes(`'${key}'`))).toEqual([]);
  });

  it('is the language that was picked where the site offers it, else the first of the site', () => {
    expect(chooseLanguage('id', ['zh', 'id'])).toBe('id');
    expect(chooseLanguage('en', ['zh', 'id'])).toBe('zh');
    expect(chooseLanguage(null, ['id', 'en'])).toBe('id');
    expect(chooseLanguage('xx', ['en'])).toBe('en');
  });

  it('is guessed from the browser until the site has spoken', () => {
    expect(guessLanguage('id', ['zh-CN'])).toBe('id');
    expect(guessLanguage(null, ['fr-FR', 'zh-TW', 'en'])).toBe('zh');
    expect(guessLanguage('xx', ['de'])).toBe('en');
  });

  it('puts values in as they are, also those that look like places', () => {
    expect(fill('{a} and {b} and {c}', { a: '{b}', b: '$&' })).toBe('{b} and $& and {c}');
    expect(fill('{constructor}', {})).toBe('{constructor}');
  });
});

describe('words of the plant', () => {
  const words = (language: Language) =>
    wordsOf(language, undefined, {
      skip: { zh: '跳针' },
      rethread: { en: 'thread put in again', id: 'pasang benang' },
    });

  it('are read in the language of the page where they have a name there, else as the record keeps them', () => {
    const all = ['en', 'zh', 'id'] as const;
    expect(all.map((one) => words(one).answer('skip'))).toEqual(['skip', '跳针', 'skip']);
    expect(all.map((one) => words(one).intervention('rethread'))).toEqual([
      'thread put in again',
      'rethread',
      'pasang benang',
    ]);
    expect(words('zh').answer('good')).toBe(TEXTS.zh.good);
    expect(words('zh').intervention('stop')).toBe(TEXTS.zh.typeStop);
    expect(words('zh').word('constructor')).toBe('constructor');
  });
});

describe('said', () => {
  it('knows the same sentences with the same values in every language', () => {
    for (const other of [saidZh, saidId])
      for (const key of Object.keys(saidEn) as (keyof typeof saidEn)[])
        expect([key, places(other[key])]).toEqual([key, places(saidEn[key])]);
  });

  it('translates a sentence with its values, also one within another', () => {
    expect(said('new epoch: evidence from zero', 'zh')).toBe('新周期：证据从零开始');
    expect(said('certificate on 598 labelled units', 'id')).toBe('sertifikat atas 598 unit berlabel');
    expect(said('closed by Ana: the lamp failed', 'zh')).toBe('由Ana关闭：the lamp failed');
    expect(said('the certificate was refused: no overkill budget was signed', 'zh')).toBe(
      '证书被拒绝：没有签署误判预算',
    );
  });

  it('knows why a gate asks, whatever it asks for', () => {
    const gate = readFileSync(join(import.meta.dirname, '../../../core/src/gate/unit.ts'), 'utf8');
    const whys = [...gate.matchAll(/ask\(state, event, region, '([^']+)'\)/g)].map(([, why]) => why ?? '');
    expect(whys.length).toBeGreaterThan(3);
    for (const language of ['zh', 'id'] as const)
      expect(whys.filter((why) => said(why, language) === null)).toEqual([]);
  });

  it('leaves what it does not know, and is not kept busy by a hostile text', () => {
    expect(said('a sentence of tomorrow', 'zh')).toBeNull();
    expect(wordsOf('zh').said('a sentence of tomorrow')).toBe('a sentence of tomorrow');
    const began = performance.now();
    said(`scope ${' is outside'.repeat(80)}`, 'id');
    said('x'.repeat(1e6), 'id');
    expect(performance.now() - began).toBeLessThan(200);
  });
});

describe('format', () => {
  const of = (language: Language) => formatOf(language, 'Asia/Jakarta');
  const at = Date.UTC(2026, 10, 24, 23, 5, 9);

  it('writes per cent with the digits that matter, and never rounds a bound down', () => {
    expect(of('en').percent(0.005)).toBe('0.5%');
    expect(of('en').percent(0.00421)).toBe('0.42%');
    expect(of('en').percent(0.00421, 'up')).toBe('0.43%');
    expect(of('en').percent(0.005, 'up')).toBe('0.5%');
    expect(of('en').percent(0.9996)).toBe('99.96%');
    expect(of('en').percent(0)).toBe('0%');
    expect(of('en').percent(1)).toBe('100%');
    expect(of('id').percent(0.0042)).toBe('0,42%');
  });

  it('writes times of day in the zone of the viewer, with 24 hours', () => {
    expect(of('en').clock(at)).toBe('06:05');
    expect(of('zh').clockSeconds(at)).toBe('06:05:09');
    expect(of('id').clock(at)).toBe('06.05');
    expect(of('en').moment(at)).toContain('25 Nov 2026');
  });

  it('writes durations in their natural unit and numbers as the language does', () => {
    expect(of('en').duration(400)).toBe('0.4 sec');
    expect(of('en').duration(42_000)).toBe('42 sec');
    expect(of('en').duration(420_000)).toBe('7 min');
    expect(of('zh').duration(420_000)).toContain('7');
    expect(of('en').whole(12345)).toBe('12,345');
    expect(of('id').whole(12345)).toBe('12.345');
    expect(of('en').reading(Number.NaN)).toBe('–');
  });
});
