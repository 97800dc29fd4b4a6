import { axisFy, axisX, axisY, barX, dot, lineY, plot, ruleX, ruleY, text } from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';
import type { ChartShape } from './format/chart-shape.ts';

/** In the order of tables.css, which colours the legend. */
const colours = ['blue', 'yellow', 'green', 'purple'].map((name) => `var(--vscode-charts-${name})`);

/** Draws into an SVG of that width. A bundle of its own, loaded when the first chart is shown. */
export function drawChart(shape: ChartShape, width: number): Element {
  const chart = plot({
    width,
    ...(shape.kind === 'time' ? overTime(shape) : byCategory(shape)),
    color: { domain: [...shape.series], range: colours },
  });
  // Plot brings a style element, which the content security policy refuses; tables.css has what is needed of it.
  for (const style of chart.querySelectorAll('style')) style.remove();
  return chart;
}

function overTime({ points }: ChartShape): PlotOptions {
  const channels = { x: 'x', y: 'y', stroke: 'series' } as const;
  return {
    height: 180,
    marginLeft: 44,
    x: { type: 'utc' },
    y: { zero: true, grid: true },
    marks: [
      axisX({ label: null, ticks: 5 }),
      axisY({ label: null, ticks: 4 }),
      ruleY([0]),
      lineY(points, channels),
      dot(points, { ...channels, fill: 'series', r: 1.5 }),
    ],
  };
}

/** Lying bars, so that names stay readable in a narrow view; series side by side, as they need not add up. */
function byCategory({ points, series }: ChartShape): PlotOptions {
  const categories = [...new Set(points.map(({ x }) => String(x)))];
  const channels = { x: 'y', y: 'series', fy: 'x' } as const;
  return {
    height: 30 + categories.length * (series.length * 14 + 6),
    marginLeft: Math.min(160, 14 + 7 * Math.max(...categories.map(({ length }) => length))),
    marginRight: 44,
    x: { zero: true, axis: null },
    y: { axis: null, domain: [...series] },
    fy: { domain: categories, padding: 0.15 },
    marks: [
      axisFy({ label: null, anchor: 'left' }),
      ruleX([0]),
      barX(points, { ...channels, fill: 'series' }),
      text(points, {
        ...channels,
        text: (point: (typeof points)[number]) => String(point.y),
        dx: 4,
        textAnchor: 'start',
      }),
    ],
  };
}
