import { escapeHtml as h } from './format.js';
import { STYLE } from './style.js';
import type { Language, Texts } from './texts/texts.js';

/** What stands above the sections. */
export interface PageHead {
  readonly language: Language;
  readonly t: Pick<Texts, 'contents' | 'origin'>;
  /** Plain text, as the next one. */
  readonly title: string;
  readonly subtitle: string;
  /** The origin of the data as HTML. */
  readonly badge: string;
  /** Said of simulated data across the page; null for others. */
  readonly band: string | null;
}

/** A numbered part of the page; ids are s1, s2, … */
export interface Section {
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** The page around the sections: no script, and a policy that lets the browser fetch nothing. */
export function page(head: PageHead, sections: readonly Section[]): string {
  const { t, badge } = head;
  const title = h(head.title);
  const language = head.language === 'zh' ? 'zh-Hans' : head.language;
  const band = head.band === null ? '' : `<p class="band">${h(head.band)}</p>`;
  const links = sections.map((s, i) => `<li><a href="#s${i + 1}">${h(s.title)}</a></li>`).join('');
  const contents = `<nav aria-label="${h(t.contents)}"><ol>${links}</ol></nav>`;
  const parts = sections
    .map(
      (s, i) =>
        `<section id="s${i + 1}" aria-labelledby="h${i + 1}"><h2 id="h${i + 1}"><span>${i + 1}</span>${h(s.title)}</h2>${s.body}${i === 0 ? contents : ''}</section>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/>
<title>${title}</title><style>${STYLE}</style></head>
<body><header><h1>${title}</h1><p>${h(t.origin)}: ${badge} · ${h(head.subtitle)}</p>${band}</header>
<main>
${parts}
</main>
</body></html>
`;
}
