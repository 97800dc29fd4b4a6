import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { acceptChange, comparePins, type ToolChange, type ToolPin } from '../agent/tool-pins.ts';
import type { ToolSpec } from '../agent/tools.ts';
import { isCode, withLock } from './lock-file.ts';

const fileSchema = z.strictObject({
  version: z.literal(1),
  pins: z.array(
    z.strictObject({
      name: z.string(),
      sha256: z.string(),
      title: z.string(),
      description: z.string(),
      risk: z.enum(['read', 'write', 'destructive']),
      inputSchema: z.record(z.string(), z.unknown()),
    }),
  ),
});

/** What tools of other servers said of themselves when they were first used, for this user. */
export interface PinStore {
  /** Pins what is new and tells what has changed, by full name. */
  readonly compare: (specs: readonly ToolSpec[]) => Promise<ReadonlyMap<string, ToolChange>>;
  /** A person saw the change and let it be. */
  readonly accept: (change: ToolChange) => Promise<void>;
}

/** @param path of a JSON file; an unreadable one is an error that names it: forgetting pins would hide a change. */
export function createPinStore(path: string): PinStore {
  const change = (work: (pins: readonly ToolPin[]) => readonly ToolPin[]): Promise<void> =>
    withLock(`${path}.lock`, async () => {
      const before = await readPins(path);
      const after = work(before);
      if (after.length !== before.length || after.some((pin, index) => pin !== before[index])) await write(path, after);
    });
  return {
    compare: async (specs) => {
      if (specs.every(({ trusted }) => trusted)) return new Map();
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      let changes: ReadonlyMap<string, ToolChange> = new Map();
      await change((pins) => {
        const compared = comparePins(pins, specs);
        changes = compared.changes;
        return compared.pins;
      });
      return changes;
    },
    accept: (accepted) => change((pins) => acceptChange(pins, accepted)),
  };
}

async function readPins(path: string): Promise<readonly ToolPin[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
  const parsed = fileSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data.pins;
  throw new Error(`${path} is damaged. Move it away to pin the tools of your other servers anew.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function write(path: string, pins: readonly ToolPin[]): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify({ version: 1, pins }, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, path);
}
