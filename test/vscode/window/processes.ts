import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ProcessView {
  readonly pid: number;
  readonly commandLine: string;
  readonly environment: string;
}

/** The process and everything it started, from /proc. Linux only. */
export function descendants(root: number): readonly ProcessView[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/u.test(name)) continue;
    const parent = /^PPid:\s*(\d+)/mu.exec(readOrNothing(`/proc/${name}/status`))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid === root || (pid !== undefined && isBelow(parents.get(pid)));
  return [...parents.keys()]
    .filter((pid) => isBelow(pid))
    .map((pid) => ({
      pid,
      commandLine: readOrNothing(`/proc/${pid}/cmdline`).replaceAll('\0', ' '),
      environment: readOrNothing(`/proc/${pid}/environ`).replaceAll('\0', '\n'),
    }));
}

/** Processes may exit while being inspected. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}

/** `path: name` for every file under the folder that holds one of the values, as text, in base64 or URL-encoded. */
export async function filesHolding(
  folder: string,
  secrets: readonly (readonly [name: string, value: string])[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    for (const [name, value] of secrets) {
      const forms = [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)];
      if (forms.some((form) => bytes.includes(form))) found.push(`${path}: ${name}`);
    }
  }
  return found;
}
