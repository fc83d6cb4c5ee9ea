import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES, textOf } from '../../test/evidence.js';
import { renderReport } from './render-report.js';
import { TEXTS } from './texts/texts.js';

const LANGUAGES = ['en', 'zh', 'id'] as const;
const CASES = Object.entries(FIXTURES).flatMap(([name, make]) =>
  LANGUAGES.map((language) => ({ name, language, html: renderReport(make(), { language }) })),
);

/** The first fault of the nesting of tags, or null. The page is written so that XML's rules hold. */
function nestingFault(html: string): string | null {
  const open: string[] = [];
  const body = html.replace(/^<!doctype html>/, '').replace(/<style>[\s\S]*?<\/style>/g, '');
  for (const m of body.matchAll(/<([^>]*)>/g)) {
    const inside = m[1]!;
    const parsed = /^(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+\s*=\s*"[^"<]*")*)\s*(\/?)$/.exec(inside);
    if (!parsed) return `not a tag: <${inside.slice(0, 120)}>`;
    const [, close, name, , self] = parsed;
    if (close) {
      const last = open.pop();
      if (last !== name) return `</${name}> closes <${last}>`;
    } else if (!self) open.push(name!);
  }
  return open.length === 0 ? null : `left open: ${open.join(' ')}`;
}

describe.each(CASES)('report of $name in $language', ({ name, language, html }) => {
  it('gives the same bytes again, whatever was drawn in between', () => {
    expect(renderReport(FIXTURES[name as keyof typeof FIXTURES](), { language })).toBe(html);
  });

  it('asks nothing from outside and runs nothing', () => {
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(html).not.toMatch(/<script/i);
    expect(html).not.toMatch(/<[^>]*\son\w+=/i);
    expect(html).not.toMatch(/<[^>]*(?:src|href)="(?!data:image\/|#)/i);
    expect(html).not.toMatch(/@import|url\((?!['"]?#)/i);
    const linked = textOf(html).includes('evil.example') ? html.replaceAll('https://evil.example', '') : html;
    expect(linked).not.toMatch(/https?:\/\//);
  });

  it('is well nested, with ids that are unique', () => {
    expect(nestingFault(html)).toBeNull();
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of html.matchAll(/url\(['"]?#([^)'"]+)/g)) expect(ids).toContain(id);
    expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(textOf(html)).not.toMatch(/\{\w+\}/);
  });

  it('names and describes every chart, and shows its origin', () => {
    const figures = [...html.matchAll(/<figure>[\s\S]*?<\/figure>/g)].map((m) => m[0]);
    expect(figures.length).toBeGreaterThanOrEqual(5);
    for (const f of figures) {
      expect(f).toMatch(/<title id="\w+">[^<]+<\/title><desc id="\w+">[^<]+<\/desc>/);
      expect(f).toContain('class="badge ');
      if (name === 'simulated') expect(textOf(f)).toContain(TEXTS[language].simulatedShort);
    }
  });
});

const out = process.env.SELVEDGE_REPORT_OUT;
if (out !== undefined)
  for (const { name, language, html } of CASES) writeFileSync(join(out, `${name}-${language}.html`), html);
