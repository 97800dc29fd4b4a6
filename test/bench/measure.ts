/** One line of a report: a median, beside what it is compared with in the same passes. */
export interface Figure {
  readonly what: string;
  readonly unit: 'ms' | 'µs' | 'MiB' | 'bytes' | 'calls/s';
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** "3.1x node -e 0": comparable between machines, which the absolute figures are not. */
  readonly ratio?: string | undefined;
}

export interface Candidate {
  readonly name: string;
  /** One measurement, in the figure's unit. */
  readonly once: () => Promise<number>;
}

/** Measures every candidate once a pass, in another order each pass, so that no one has the warm or the busy moments. */
export async function measureShuffled(
  candidates: readonly Candidate[],
  passes: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map(candidates.map((candidate) => [candidate.name, new Array<number>()]));
  for (let pass = 0; pass < passes; pass += 1) {
    for (const candidate of shuffle(candidates)) samples.get(candidate.name)?.push(await candidate.once());
  }
  return samples;
}

export function summarize(
  what: string,
  unit: Figure['unit'],
  values: readonly number[],
  base?: { readonly name: string; readonly values: readonly number[] },
): Figure {
  const middle = median(values);
  return {
    what,
    unit,
    median: middle,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    ...(base !== undefined && { ratio: `${ratioOf(unit, middle, median(base.values)).toFixed(2)}x ${base.name}` }),
  };
}

/** Above 1 is worse, for rates as well. */
function ratioOf(unit: Figure['unit'], value: number, base: number): number {
  return unit === 'calls/s' ? base / value : value / base;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

function shuffle<Value>(values: readonly Value[]): Value[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ value }) => value);
}
