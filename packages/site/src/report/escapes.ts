import type { Evidence } from '@selvedge/core/records';
import { COLOUR, drawChart, line, unitAxis } from './chart.js';
import { escapeHtml, reading } from './format.js';

type Escape = Evidence['worstEscapes'][number];

/** One escape with what was seen of it. */
export function escapeCard({ id, label, score, view }: Escape): string {
  return `<article class="card"><h3>${escapeHtml(id)}</h3><p>truth: <b>${escapeHtml(label)}</b> · score ${reading(score)}</p>${body(view)}</article>`;
}

function body(view: Escape['view']): string {
  switch (view.kind) {
    case 'picture':
      return `<div class="picture"><img src="${view.png}" alt="the unit as it was seen">${view.heatPng ? `<img class="heat" src="${view.heatPng}" alt="where the model looked: the more orange, the less like good ones">` : ''}</div>`;
    case 'series':
      return drawChart({
        title: 'Trace',
        description: 'The trace of the unit (solid) against the median of good ones (dashed).',
        height: 260,
        option: {
          legend: { top: 4 },
          xAxis: unitAxis('position'),
          yAxis: { type: 'value', scale: true },
          series: [
            line(
              'this unit',
              view.values.map((v, i) => [i, v] as const),
              COLOUR.red,
            ),
            line(
              'typical good',
              view.typical.map((v, i) => [i, v] as const),
              COLOUR.grey,
              'dashed',
            ),
          ],
        },
      });
    case 'map':
      return mapSvg(view);
    case 'row':
      return `<table><tr><th>feature</th><th>this unit</th><th>typical good</th></tr>${view.cells.map((c) => `<tr><td>${escapeHtml(c.name)}</td><td class="n">${reading(c.value)}</td><td class="n">${reading(c.typical)}</td></tr>`).join('')}</table>`;
    case 'none':
      return '<p>Only a score was given.</p>';
  }
}

function mapSvg({ width, height, values }: Extract<Escape['view'], { kind: 'map' }>): string {
  const path = (code: number) =>
    values.map((v, i) => (v === code ? `M${i % width} ${Math.floor(i / width)}h1v1h-1z` : '')).join('');
  return `<svg class="map" role="img" viewBox="0 0 ${width} ${height}" shape-rendering="crispEdges"><title>Map</title><path fill="#dde6ee" d="${path(1)}"/><path fill="${COLOUR.red}" d="${path(2)}"/></svg>`;
}
