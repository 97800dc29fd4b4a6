import { open, rename, rm } from 'node:fs/promises';

/** Replaces a JSON file atomically. The caller must hold the file's lock. */
export async function replaceFile(file: string, content: unknown): Promise<void> {
  const next = `${file}.${process.pid}.next`;
  try {
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
