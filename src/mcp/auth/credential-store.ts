import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash, randomUUID } from 'node:crypto';

/** Where tokens of servers on the network are kept: SecretStorage of VS Code, or files that only this user may read. */
export interface CredentialStore {
  readonly read: (key: string) => Promise<string | undefined>;
  /** `undefined` forgets it. */
  readonly write: (key: string, value: string | undefined) => Promise<void>;
}

/** Files of mode 0600 in a folder of mode 0700, one a key. Each write replaces the file as a whole. */
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
