import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256Hex } from '../../servers/contract/sha256.ts';
import type { MeasureHistory } from '../agent/runbook/measure-history.ts';
import { isCode } from './lock-file.ts';
import { makeFolder } from './make-folder.ts';

const measureSchema = z.strictObject({
  /** UTC, ISO 8601. */
  time: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
});

/** One file per measure. An unreadable one counts as missing, because comparisons are optional. */
export function createMeasureStore(folder: string): MeasureHistory {
  const fileOf = (key: string): string => join(folder, `${sha256Hex(key).slice(0, 32)}.json`);
  return {
    last: async (key) => {
      try {
        return measureSchema.safeParse(JSON.parse(await readFile(fileOf(key), 'utf8'))).data;
      } catch (error) {
        if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    keep: async (key, measure) => {
      await makeFolder(folder);
      const temporary = `${fileOf(key)}.${process.pid}.tmp`;
      await writeFile(temporary, JSON.stringify(measure), { mode: 0o600 });
      await rename(temporary, fileOf(key));
    },
  };
}
