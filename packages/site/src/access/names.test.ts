import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName, nameKey, nameLooks } from './names.js';

describe('a name', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada \t Lovelace\u00a0', 'Ada Lovelace'],
    ['Ａｄａ', 'Ada'],
    ['Zoe\u0301', 'Zoé'],
    ["Sinéad O'Brien", "Sinéad O'Brien"],
    ['王小明', '王小明'],
    ['王 Wang', '王 Wang'],
    ['Иван Петров', 'Иван Петров'],
    ['Budi Santoso-2', 'Budi Santoso-2'],
    ['ﬁona', 'fiona'],
    ['line_3@plant.example', 'line_3@plant.example'],
  ])('%j is kept as %j', (raw, name) => {
    expect(cleanName(raw)).toEqual({ ok: true, name });
  });

  it.each([
    ['', '1 to 80'],
    [' \u3000 ', '1 to 80'],
    ['x'.repeat(81), '1 to 80'],
    ['ﷺ'.repeat(5), '1 to 80'],
    ['<script>alert(1)</script>', 'U+003C'],
    ['＜b＞', 'U+003C'],
    ['Ada\u200b', 'U+200B'],
    ['\u202eadA', 'U+202E'],
    ['Ada\u0000', 'U+0000'],
    ['Ada 👑', 'U+1F451'],
    ['...', 'a letter or a digit'],
    ['a\u0316\u0317\u0318\u0319', 'accents'],
    ['Аda', 'one alphabet'],
    ['Adа', 'one alphabet'],
    ['ΑDA', 'one alphabet'],
  ])('%j is refused with the reason', (raw, why) => {
    expect(cleanName(raw)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });

  it.each([
    ['ВОВА', 'BOBA'],
    ['Ilya', 'llya'],
    ['oper 1', 'OPER l'],
    ['anna0', 'annaO'],
    ['сорока', 'copoкa'],
    ['ΝΙΚΟ', 'NIKO'],
  ])('%j looks like %j', (a, b) => {
    expect(nameLooks(a)).toBe(nameLooks(b));
    expect(nameKey(a)).not.toBe(nameKey(b));
  });

  it('stays as it is once it is clean', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 90 }), (raw) => {
        const clean = cleanName(raw);
        if (!clean.ok) return;
        expect(cleanName(clean.name)).toEqual(clean);
        expect(nameKey(raw)).toBe(nameKey(clean.name));
        expect(clean.name).not.toMatch(/[<>&"\p{C}]/u);
      }),
      { seed: 5, numRuns: 2_000 },
    );
  });
});
