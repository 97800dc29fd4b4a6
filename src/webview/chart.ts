import { axisFy, axisX, axisY, barX, dot, lineY, plot, ruleX, ruleY, text } from '@observablehq/plot';
import type { Markish, PlotOptions } from '@observablehq/plot';
import type { ChartPoint, ChartShape } from './format/chart-shape.ts';
import { dashes, placeLabel, shorten, timeTick } from './format/chart-labels.ts';

/** In the same order as in tables.css, which draws the legend. */
const colours = ['blue', 'yellow', 'green', 'purple'].map((name) => `var(--vscode-charts-${name})`);

const letterWidth = 7.2;

/** Draws an SVG of the given width. This module is a separate bundle that loads with the first chart. */
export function drawChart(shape: ChartShape, width: number): Element {
  const chart = plot({
    width,
    ...(shape.kind === 'time' ? overTime(shape) : byCategory(shape, width)),
    color: { domain: [...shape.series], range: colours },
  });
  // Plot adds a style element, which the content security policy blocks. tables.css has the rules that we need.
  for (const style of chart.querySelectorAll('style')) style.remove();
  return chart;
}

function overTime({ points, series }: ChartShape): PlotOptions {
  const channels = { x: 'x', y: 'y', stroke: 'series' } as const;
  const lines = series.map((name, index): Markish => {
    const ofSeries = points.filter((point) => point.series === name);
    return lineY(ofSeries, { ...channels, strokeWidth: 1.75, strokeDasharray: dashes[index] ?? 'none' });
  });
  return {
    height: 180,
    marginLeft: 44,
    x: { type: 'utc' },
    y: { zero: true, grid: true, nice: true },
    marks: [
      axisX({ label: null, ticks: 5, tickFormat: timeTick(points.map(({ x }) => x)) }),
      axisY({ label: null, ticks: 4, tickFormat: 's' }),
      ruleY([0]),
      ...lines,
      dot(points, { ...channels, fill: 'series', r: 1.5 }),
    ],
  };
}

/** Horizontal bars, so that names fit in a narrow view. Series are side by side because they may not add up. */
function byCategory({ points, series }: ChartShape, width: number): PlotOptions {
  const categories = [...new Set(points.map(({ x }) => String(x)))];
  const letters = Math.floor(Math.min(180, width * 0.4) / letterWidth);
  const longest = Math.max(...categories.map((category) => Math.min(letters, category.length)));
  const channels = { x: 'y', y: 'series', fy: 'x' } as const;
  const label = { ...channels, text: (point: ChartPoint) => placeLabel(point.y) } as const;
  return {
    height: 30 + categories.length * (series.length * 14 + 6),
    marginLeft: 14 + letterWidth * longest,
    marginRight: 44,
    x: { zero: true, axis: null },
    y: { axis: null, domain: [...series] },
    fy: { domain: categories, padding: 0.15 },
    marks: [
      axisFy({ label: null, anchor: 'left', tickFormat: (category: string) => shorten(category, letters) }),
      ruleX([0]),
      barX(points, { ...channels, fill: 'series' }),
      // Values are always to the right, even for negative bars, so that they do not overlap names or bars.
      text(points, { ...label, x: (point: ChartPoint) => Math.max(0, point.y), dx: 4, textAnchor: 'start' }),
    ],
  };
}
