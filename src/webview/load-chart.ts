import type { drawChart } from './chart.ts';

/** The drawing code, read from `chart.js` beside this script at the first call. */
export async function loadChart(): Promise<{ readonly drawChart: typeof drawChart }> {
  return import('./chart.ts');
}
