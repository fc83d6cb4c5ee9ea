import { describe, expect, it } from 'vitest';
import { en } from '../said/en.js';
import { id } from '../said/id.js';
import { zh } from '../said/zh.js';
import { TEXTS } from './texts.js';

describe('texts', () => {
  it.each(['en', 'zh', 'id'] as const)(
    '%s has every key, none empty, with the same places for values',
    (language) => {
      expect(Object.keys(TEXTS[language])).toEqual(Object.keys(TEXTS.en));
      const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();
      for (const [key, text] of Object.entries(TEXTS[language])) {
        expect(text.trim(), key).not.toBe('');
        expect(places(text), key).toEqual(places(TEXTS.en[key as keyof typeof TEXTS.en]));
      }
    },
  );
});

describe('sentences of a run', () => {
  it.each([
    ['zh', zh],
    ['id', id],
  ] as const)(
    '%s says each with no value of its own, and leaves out none but a foreign message',
    (_, list) => {
      const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map((m) => m[0]).sort();
      for (const [key, text] of Object.entries(list)) {
        const given = places(en[key as keyof typeof en]).filter((place) => place !== '{reason}');
        expect(text.trim(), key).not.toBe('');
        expect(
          places(text).filter((place) => place !== '{reason}'),
          key,
        ).toEqual(given);
      }
    },
  );
});
