import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash, randomUUID } from 'node:crypto';

/** Stores the tokens of remote servers: in VS Code's SecretStorage, or in files that only this user can read. */
export interface CredentialStore {
  readonly read: (key: string) => Promise<string | undefined>;
  /** `undefined` deletes the value. */
  readonly write: (key: string, value: string | undefined) => Promise<void>;
}

/** One file per key, mode 0600, in a folder of mode 0700. Each write replaces the whole file. */
export function createFileCredentials(folder: string): CredentialStore {
  const fileOf = (key: string): string => join(folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  return {
    read: async (key) => {
      try {
        return await readFile(fileOf(key), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: async (key, value) => {
      const file = fileOf(key);
      if (value === undefined) return rm(file, { force: true });
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
      const draft = `${file}.${randomUUID()}`;
      await writeFile(draft, value, { mode: 0o600, flag: 'wx' });
      await rename(draft, file);
    },
  };
}
