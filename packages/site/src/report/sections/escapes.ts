import type { Evidence } from '@selvedge/core/records';
import { COLOUR, figure } from '../charts/figure.js';
import { countAxis, line, numberAxis } from '../charts/parts.js';
import type { Context } from '../context.js';
import { fill, escapeHtml as h } from '../format.js';
import { htmlTable, para } from '../html.js';

type Escape = Evidence['worstEscapes'][number];
type View<K extends Escape['view']['kind']> = Extract<Escape['view'], { kind: K }>;

/** The worst escapes with what was seen of them, or what it means that there were none. */
export function escapes(c: Context): string {
  const { t, n, e } = c;
  const { stream } = e.document;
  if (stream.automatic === 0) return para(t.escapesNothing);
  if (stream.escapes === 0)
    return para(
      fill(t.escapesNone, {
        count: n.whole(stream.automatic),
        upper: n.percent(stream.escapeUpper, 'up'),
        per: c.per,
      }),
    );
  const all = e.worstEscapes.length === stream.escapes;
  const text = fill(all ? t.escapesAll : t.escapesText, {
    shown: n.whole(e.worstEscapes.length),
    count: n.whole(stream.escapes),
  });
  return `${para(text)}<div class="cards">${e.worstEscapes.map((x, i) => card(c, x, i)).join('')}</div>`;
}

function card(c: Context, { id, label, score, view }: Escape, index: number): string {
  const { t, n } = c;
  const facts = `${fill(t.truthIs, { label })} · ${fill(t.scoreIs, { score: n.reading(score) })}`;
  return `<article class="card"><h3><code>${h(id)}</code></h3><p>${h(facts)} ${c.badge}</p>${body(c, view, index)}</article>`;
}

function body(c: Context, view: Escape['view'], index: number): string {
  switch (view.kind) {
    case 'picture':
      return picture(c, view);
    case 'series':
      return trace(c, view, index);
    case 'map':
      return map(c, view);
    case 'row':
      return row(c, view);
    case 'none':
      return para(c.t.viewNone);
  }
}

/** Only pictures inside the page: anything else would be a request to outside. */
const isInside = (source: string): boolean =>
  /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/=]*$/.test(source);

function picture(c: Context, { png, heatPng }: View<'picture'>): string {
  if (!isInside(png)) return para(c.t.viewNone);
  const seen = `<img src="${png}" alt="${h(c.t.pictureAlt)}"/>`;
  if (heatPng === null || !isInside(heatPng)) return `<div class="picture">${seen}</div>`;
  return `<div class="picture two">${seen}<span class="over"><img src="${png}" alt=""/><img class="heat" src="${heatPng}" alt="${h(c.t.heatAlt)}"/></span></div><p class="note">${h(c.t.heatNote)}</p>`;
}

/** Channels of a series that are drawn, each for itself: more than these are in nobody's view at once. */
const MOST_CHANNELS = 4;

function trace(c: Context, { values, typical, channels }: View<'series'>, index: number): string {
  const of = (all: readonly number[], channel: number) => all.filter((_, i) => i % channels === channel);
  const charts = Array.from({ length: Math.min(channels, MOST_CHANNELS) }, (_, channel) =>
    channelTrace(c, {
      values: of(values, channel),
      typical: of(typical, channel),
      id: channels === 1 ? `trace${index}` : `trace${index}c${channel}`,
      axis: channels === 1 ? c.t.axisReading : fill(c.t.axisChannel, { channel: c.n.whole(channel + 1) }),
      first: channel === 0,
    }),
  );
  const more = channels - MOST_CHANNELS;
  return `${charts.join('')}${more > 0 ? para(fill(c.t.moreChannels, { count: c.n.whole(more) }), 'note') : ''}`;
}

function channelTrace(
  c: Context,
  {
    values,
    typical,
    id,
    axis,
    first,
  }: { values: readonly number[]; typical: readonly number[]; id: string; axis: string; first: boolean },
): string {
  const { t } = c;
  const looks = [
    { name: t.traceUnit, values, colour: COLOUR.red, dash: 'solid' },
    { name: t.traceTypical, values: typical, colour: COLOUR.ink, dash: 'dashed' },
  ] as const;
  return figure(c, {
    id,
    title: t.traceTitle,
    description: `${t.traceTitle}: ${axis}`,
    // One legend a unit.
    keys: first ? looks.map(({ name, colour, dash }) => ({ name, colour, look: dash })) : [],
    small: true,
    height: axis === t.axisReading ? 230 : 170,
    option: (size) => ({
      xAxis: countAxis(c, t.axisPosition, size),
      yAxis: numberAxis(c, axis, { scale: true }),
      series: looks.map((l) =>
        line(
          l.name,
          l.values.map((v, i) => [i, v] as const),
          l,
        ),
      ),
    }),
    table: null,
  });
}

/** Codes of a map: 1 = present, 2 = marked (failed); everything else is empty. */
function map(c: Context, { width, height, values }: View<'map'>): string {
  const cells = (code: number): string =>
    values.map((v, i) => (v === code ? `M${i % width} ${Math.floor(i / width)}h1v1h-1z` : '')).join('');
  return `<svg class="map" role="img" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges"><title>${h(c.t.mapTitle)}</title><path fill="#d5e0ea" d="${cells(1)}"/><path fill="${COLOUR.ink}" d="${cells(2)}"/></svg><p class="note">${h(c.t.mapTitle)}</p>`;
}

function row(c: Context, { cells }: View<'row'>): string {
  const { t, n } = c;
  const rows = cells.map((x) => [h(x.name), n.reading(x.value), n.reading(x.typical)]);
  return `${htmlTable([t.colCell, t.traceUnit, t.colTypical], rows, 'figures')}<p class="note">${h(t.rowNote)}</p>`;
}
