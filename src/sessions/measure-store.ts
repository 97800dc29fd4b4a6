import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256Hex } from '../agent/digest.ts';
import { isCode } from './lock-file.ts';

const measureSchema = z.strictObject({
  /** UTC, ISO 8601. */
  time: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
});

export type LastMeasure = z.infer<typeof measureSchema>;

/** The last result of each measure, so that a runbook run again can say what has changed. */
export interface MeasureStore {
  /** @param key what makes two results comparable: tool and arguments. undefined where there is none or it is damaged. */
  readonly last: (key: string) => Promise<LastMeasure | undefined>;
  readonly keep: (key: string, measure: LastMeasure) => Promise<void>;
}

export function createMeasureStore(folder: string): MeasureStore {
  const fileOf = (key: string): string => join(folder, `${sha256Hex(key).slice(0, 32)}.json`);
  return {
    last: async (key) => {
      try {
        return measureSchema.safeParse(JSON.parse(await readFile(fileOf(key), 'utf8'))).data;
      } catch (error) {
        // A comparison is a help: without the file the run is a first one.
        if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    keep: async (key, measure) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = `${fileOf(key)}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(measure), { mode: 0o600 });
      await rename(temporary, fileOf(key));
    },
  };
}
