import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256Hex } from '../../servers/contract/sha256.ts';
import type { Forecast, Usage } from '../agent/events.ts';
import { isCode } from './lock-file.ts';
import { replaceFile } from './replace-file.ts';
import { makeFolder } from './make-folder.ts';

const usedSchema = z.strictObject({ tokens: z.number(), cost: z.number().optional() });
type Used = z.infer<typeof usedSchema>;

const mostKept = 20;

/** The usage of past runs of each runbook. Forecasts are optional, so errors are reported, never thrown. */
interface UsageStore {
  /** The medians of its last runs with this model; undefined if there were none. */
  readonly forecast: (runbook: string, model: string) => Promise<Forecast | undefined>;
  /** The usage of a finished run. */
  readonly add: (runbook: string, model: string, usage: Usage) => Promise<void>;
}

export function createUsageStore(folder: string, report: (error: unknown) => void): UsageStore {
  const fileOf = (runbook: string, model: string): string =>
    join(folder, `${sha256Hex(JSON.stringify([runbook, model])).slice(0, 32)}.json`);
  return {
    forecast: async (runbook, model) => {
      const runs = await readRuns(fileOf(runbook, model), report);
      const tokens = median(runs.map((run) => run.tokens));
      const cost = median(runs.flatMap((run) => run.cost ?? []));
      return tokens === undefined ? undefined : { tokens, ...(cost !== undefined && { cost }), runs: runs.length };
    },
    add: async (runbook, model, { inputTokens, outputTokens, cost }) => {
      const file = fileOf(runbook, model);
      const used: Used = { tokens: inputTokens + outputTokens, ...(cost !== undefined && { cost }) };
      const runs = [...(await readRuns(file, report)), used].slice(-mostKept);
      try {
        await makeFolder(folder);
        await replaceFile(file, runs);
      } catch (error) {
        report(error);
      }
    },
  };
}

async function readRuns(file: string, report: (error: unknown) => void): Promise<readonly Used[]> {
  try {
    return z.array(usedSchema).safeParse(JSON.parse(await readFile(file, 'utf8'))).data ?? [];
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !(error instanceof SyntaxError)) report(error);
    return [];
  }
}

/** For an even count, the lower of the two middle values. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
