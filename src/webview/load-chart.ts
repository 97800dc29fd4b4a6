import type { drawChart } from './chart.ts';

/** Loads the drawing code from `chart.js`, next to this script, on the first call. */
export async function loadChart(): Promise<{ readonly drawChart: typeof drawChart }> {
  return import('./chart.ts');
}
