import { open, type FileHandle } from 'node:fs/promises';

/** Where the lines of a session go: only at the end, and only from one process at a time. */
export interface SessionLog {
  /** For messages: what cannot be written. */
  readonly name: string;
  /** Adds whole lines. Called again when it has resolved. */
  readonly append: (lines: string) => Promise<void>;
  /** Resolves once everything appended is stored durably. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The file appears with the first line. */
export function createFileLog(file: string): SessionLog {
  let handle: FileHandle | undefined;
  return {
    name: `file ${file}`,
    append: async (lines) => {
      handle ??= await open(file, 'a', 0o600);
      await handle.appendFile(lines);
    },
    sync: async () => handle?.datasync(),
    close: async () => {
      await handle?.close();
      handle = undefined;
    },
  };
}
