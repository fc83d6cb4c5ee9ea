import * as echarts from 'echarts';
import type { Context } from '../context.js';
import { escapeHtml } from '../format.js';
import { dataTable } from '../html.js';

/** Okabe and Ito's palette: told apart by all common kinds of colour vision. */
export const COLOUR = {
  ink: '#1f2933',
  quiet: '#6b7680',
  rule: '#dfe3e7',
  orange: '#e69f00',
  sky: '#56b4e9',
  green: '#009e73',
  blue: '#0072b2',
  red: '#d55e00',
  purple: '#a6518a',
} as const;

/** Dash beside colour, so that lines are told apart in grey too. */
export type Dash = 'solid' | 'dashed' | 'dotted';

export interface Key {
  readonly name: string;
  readonly colour: string;
  readonly look: Dash | 'bar' | 'hatch' | 'diamond';
}

export interface Size {
  readonly width: number;
  readonly height: number;
  readonly narrow: boolean;
}

export interface Chart {
  /** Unique on the page; letters and digits. */
  readonly id: string;
  readonly title: string;
  /** What is seen, for whoever does not see it. */
  readonly description: string;
  readonly keys: readonly Key[];
  readonly option: (size: Size) => Record<string, unknown>;
  readonly height: number;
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } | null;
  /** Small charts are drawn once, at phone width. */
  readonly small?: boolean;
}

const BAND = 24;

/** A chart as a figure: drawn for a desk and for a phone, with legend, caption, origin and table. */
export function figure(c: Context, chart: Chart): string {
  const narrow = draw(c, chart, { width: 380, height: Math.min(chart.height, 280), narrow: true });
  const drawings = chart.small
    ? `<div>${narrow}</div>`
    : `<div class="desk">${draw(c, chart, { width: 860, height: chart.height, narrow: false })}</div><div class="phone">${narrow}</div>`;
  const legend = chart.keys.map((k) => `<li>${swatch(k)}${escapeHtml(k.name)}</li>`).join('');
  const table = chart.table
    ? `<details class="alt"><summary>${escapeHtml(c.t.chartTable)}</summary>${dataTable(chart.table.head, chart.table.rows)}</details>`
    : '';
  return `<figure><h3>${escapeHtml(chart.title)} ${c.badge}</h3><ul class="legend">${legend}</ul>${drawings}<figcaption>${escapeHtml(chart.description)}</figcaption>${table}</figure>`;
}

function draw(c: Context, chart: Chart, size: Size): string {
  const { width, height, narrow } = size;
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: narrow ? 11 : 13, color: COLOUR.ink },
    grid: { left: narrow ? 52 : 66, right: narrow ? 14 : 24, top: 30, bottom: narrow ? 44 : 50 },
    ...chart.option(size),
  });
  const text = drawing.renderToSVGString();
  drawing.dispose();
  const name = `${chart.id}${narrow ? 'n' : 'w'}`;
  const body = ownNames(text, name)
    .replace(/^[^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    // Rules for the pointer: nothing here can be pointed at.
    .replace(/<style[\s\S]*?<\/style>/g, '');
  const simulated = c.e.document.origin === 'simulated';
  const top = simulated ? BAND : 0;
  return `<svg role="img" aria-labelledby="${name}t ${name}d" viewBox="0 ${-top} ${width} ${height + top}"><title id="${name}t">${escapeHtml(chart.title)}</title><desc id="${name}d">${escapeHtml(chart.description)}</desc>${simulated ? band(c, width, narrow) : ''}${body}</svg>`;
}

function band(c: Context, width: number, narrow: boolean): string {
  return `<rect x="0" y="${-BAND}" width="${width}" height="${BAND - 4}" fill="#fbe8da"/><text x="${width / 2}" y="${-BAND + 14.5}" text-anchor="middle" font-size="${narrow ? 9.5 : 12}" font-weight="600" fill="#8a3b00" font-family="system-ui, sans-serif">${escapeHtml(narrow ? c.t.simulatedShort : c.t.simulatedBand)}</text>`;
}

/**
 * The library counts its ids over all charts that a process has drawn. Numbered anew within each drawing, with
 * the drawing's own name: same chart, same bytes, and no two drawings of a page share an id or a class.
 */
function ownNames(svg: string, name: string): string {
  const known = new Map<string, string>();
  return svg.replace(/zr\d+-[a-z]+-?\d*/g, (id) => {
    const own = known.get(id) ?? `${name}-${known.size}`;
    known.set(id, own);
    return own;
  });
}

const DASHES: Readonly<Record<Dash, string>> = { solid: 'none', dashed: '6 4', dotted: '2 3' };

function swatch({ colour, look }: Key): string {
  const inside =
    look === 'bar' || look === 'hatch'
      ? `<rect x="5" y="1" width="18" height="10" fill="${colour}"/>${look === 'hatch' ? '<path d="M7 11L13 1M13 11L19 1M18 11L23 3" stroke="#fff" stroke-width="2"/>' : ''}`
      : look === 'diamond'
        ? `<path d="M14 0L20 6L14 12L8 6Z" fill="${colour}"/>`
        : `<path d="M1 6H27" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${DASHES[look]}"/>`;
  return `<svg class="key" aria-hidden="true" viewBox="0 0 28 12">${inside}</svg>`;
}
