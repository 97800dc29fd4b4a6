import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { isCode, withLock } from '../lock-file.ts';
import { makeFolder } from '../make-folder.ts';
import { replaceFile } from '../replace-file.ts';

const labelSchema = z.strictObject({ name: z.string().max(200).optional(), pinned: z.literal(true).optional() });
const fileSchema = z.strictObject({ version: z.literal(1), sessions: z.record(z.string(), labelSchema) });

/** What a person says about a session. */
export interface Label {
  /** Instead of its title. */
  readonly name?: string | undefined;
  readonly pinned?: true | undefined;
}

export interface NameFile {
  readonly read: () => Promise<ReadonlyMap<string, Label>>;
  /** An empty label is removed. Safe across windows. */
  readonly change: (session: string, edit: (before: Label) => Label) => Promise<void>;
}

/** Names and pins of sessions. They are no part of the session files, which another window may be writing. */
export function createNameFile(file: string): NameFile {
  const read = async (): Promise<Map<string, Label>> => {
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return undefined;
      throw error;
    });
    if (text === undefined) return new Map();
    const parsed = fileSchema.safeParse(parseJson(text));
    if (!parsed.success) throw new Error(`${file} is damaged. Move it away to name and pin sessions again.`);
    return new Map(Object.entries(parsed.data.sessions));
  };
  return {
    read,
    change: async (session, edit) => {
      await makeFolder(dirname(file));
      await withLock(`${file}.lock`, async () => {
        const labels = await read();
        const { name, pinned } = edit(labels.get(session) ?? {});
        labels.delete(session);
        if (name !== undefined || pinned !== undefined) labels.set(session, { name, pinned });
        await replaceFile(file, { version: 1, sessions: Object.fromEntries(labels) });
      });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
