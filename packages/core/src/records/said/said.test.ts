import { describe, expect, it } from 'vitest';
import { GATE_SAID } from './gate-said.js';
import { fillPlaces, sayer } from './sayer.js';
import { TROUBLES, troubleInWords, troubleSchema } from './trouble.js';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort();
const say = sayer({ ...GATE_SAID, longest: 500 });

describe('what gates say', () => {
  it.each(['zh', 'id'] as const)('has the same values in %s', (language) => {
    for (const key of Object.keys(GATE_SAID.en) as (keyof typeof GATE_SAID.en)[])
      expect([key, places(GATE_SAID[language][key])]).toEqual([key, places(GATE_SAID.en[key])]);
    for (const code of Object.keys(TROUBLES.en) as (keyof typeof TROUBLES.en)[])
      expect([code, places(TROUBLES[language][code])]).toEqual([code, places(TROUBLES.en[code])]);
  });
});

describe('sayer', () => {
  it('translates a sentence with its values, also one within another', () => {
    expect(say('certificate on 598 labelled units', 'id')).toBe('sertifikat atas 598 unit berlabel');
    expect(say('the certificate was refused: no overkill budget was signed', 'zh')).toBe(
      '证书被拒绝：没有签署误判预算',
    );
    expect(say('the certificate was refused: what nobody knows', 'zh')).toBe('证书被拒绝：what nobody knows');
    expect(say('certificate on 598 labelled units', 'en')).toBe('certificate on 598 labelled units');
  });

  it('takes the sentence with more words of its own, and lists apart', () => {
    const known = sayer({
      en: { any: '{x} moved', two: 'the belt {x} moved', all: 'first {listOf}' },
      zh: { any: '{x}动了', two: '皮带{x}动了', all: '先{listOf}' },
      id: { any: '{x} bergerak', two: 'sabuk {x} bergerak', all: 'mula {listOf}' },
      plain: { two: 'belt {x} has moved' },
      longest: 40,
      count: (value) => `<${value}>`,
    });
    expect(known('the belt 2.5 moved', 'id')).toBe('sabuk 2,5 bergerak');
    expect(known('the belt 2.5 moved', 'en')).toBe('belt 2.5 has moved');
    expect(known('first a moved, b', 'zh')).toBe('先a动了、b');
    expect(known('first a moved, b', 'id')).toBe('mula a bergerak, b');
    expect(known(`first ${'x'.repeat(40)}`, 'id')).toBeNull();
    expect(known('nothing of it', 'id')).toBeNull();
  });

  it('writes counts as it is told, and no name that looks like one', () => {
    const counted = sayer({ ...GATE_SAID, longest: 500, count: (value) => value.toLocaleString('en') });
    expect(counted('certificate on 28000 labelled units', 'en')).toBe('certificate on 28,000 labelled units');
    expect(counted('certificate on 2e4 labelled units', 'zh')).toBe('依据 2e4 件已标注产品的证书');
    expect(counted('audit of 28000 found a bad unit: audits are raised', 'en')).toContain('of 28000 found');
  });

  it('leaves a place without a value', () => {
    expect(fillPlaces('{a} and {b}', new Map([['a', '{b}']]))).toBe('{b} and {b}');
  });
});

describe('troubles', () => {
  it('are one code in every language, with values as the reader writes them', () => {
    const waits = troubleSchema.parse({
      code: 'fit-units',
      part: 'fit press',
      values: { n: 1200, of: 3000 },
    });
    expect(troubleInWords(waits, 'en')).toBe('fit press: 1200 of 3000 units are judged');
    expect(troubleInWords(waits, 'id', (value) => Number(value).toLocaleString('de'))).toBe(
      'fit press: 1.200 dari 3.000 unit sudah dinilai',
    );
    expect(troubleInWords({ code: 'no-model', part: null, values: {} }, 'zh')).toMatch(/^尚未安装模型/);
    expect(troubleSchema.safeParse({ code: 'of tomorrow', part: null, values: {} }).success).toBe(false);
  });
});
