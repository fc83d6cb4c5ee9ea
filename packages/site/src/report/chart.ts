import * as echarts from 'echarts';
import { escapeHtml } from './format.js';

/** Okabe and Ito's palette: told apart by all common kinds of colour vision. */
export const COLOUR = {
  black: '#1b1b1b',
  orange: '#e69f00',
  sky: '#56b4e9',
  green: '#009e73',
  blue: '#0072b2',
  red: '#d55e00',
  purple: '#cc79a7',
  grey: '#8a8a8a',
} as const;

export interface Chart {
  readonly title: string;
  /** One sentence that says what is seen, for whoever does not see it. */
  readonly description: string;
  readonly option: echarts.EChartsCoreOption;
  readonly height?: number;
}

const WIDTH = 900;

/** Draws a chart to SVG text without a browser. Same chart, same bytes. */
export function drawChart({ title, description, option, height = 320 }: Chart): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif', fontSize: 13 },
    grid: { left: 64, right: 24, top: 48, bottom: 52 },
    ...option,
  });
  const svg = stableIds(chart.renderToSVGString());
  chart.dispose();
  const scaled = svg.replace(
    /<svg width="\d+" height="\d+"/,
    `<svg role="img" viewBox="0 0 ${WIDTH} ${height}"`,
  );
  const named = scaled.replace(
    '>',
    `><title>${escapeHtml(title)}</title><desc>${escapeHtml(description)}</desc>`,
  );
  return `<figure>${named}<figcaption>${escapeHtml(description)}</figcaption></figure>`;
}

/** The library numbers its clip paths across charts and runs: numbered anew within each drawing. */
function stableIds(svg: string): string {
  const known = new Map<string, string>();
  return svg.replace(/zr\d+-(c|cls-)\d+/g, (id) => {
    const name = known.get(id) ?? `k${known.size}`;
    known.set(id, name);
    return name;
  });
}

/** A time-like x axis of unit numbers. */
export const unitAxis = (name: string) => ({
  type: 'value' as const,
  name,
  nameLocation: 'middle' as const,
  nameGap: 30,
  min: 0,
  max: 'dataMax' as const,
});

/** A y axis of rates in per cent. */
export const rateAxis = (name: string, max?: number) => ({
  type: 'value' as const,
  name,
  nameTextStyle: { align: 'left' as const },
  min: 0,
  ...(max === undefined ? {} : { max }),
  axisLabel: { formatter: (v: number) => `${Number((100 * v).toPrecision(6))} %` },
});

export const line = (
  name: string,
  data: (readonly [number, number])[],
  colour: string,
  type: 'solid' | 'dashed' | 'dotted' = 'solid',
) => ({
  name,
  type: 'line' as const,
  data: data.map((p) => [...p]),
  showSymbol: false,
  lineStyle: { color: colour, type, width: 2 },
  itemStyle: { color: colour },
});

/** A horizontal line with its name at the end. */
export const limit = (name: string, y: number, colour: string) => ({
  silent: true,
  symbol: 'none',
  label: { formatter: name, position: 'insideEndTop' as const, color: colour },
  lineStyle: { color: colour, type: 'dashed' as const, width: 1.5 },
  data: [{ yAxis: y }],
});
