import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EditText } from './edit-arguments.ts';

/**
 * The person's editor from `VISUAL` or `EDITOR`, with its arguments (`code --wait`). undefined if neither is
 * set. The text is in a folder that only the person can read and is deleted afterwards.
 */
export function createTextEditor(
  variables: Readonly<Record<string, string | undefined>>,
  note: (line: string) => void,
): EditText | undefined {
  const [command, ...options] = (variables['VISUAL'] || variables['EDITOR'] || '')
    .split(' ')
    .filter((part) => part !== '');
  if (command === undefined) return undefined;
  return async (text) => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-edit-'));
    const file = join(folder, 'text.md');
    try {
      await writeFile(file, text, { mode: 0o600 });
      const problem = await run(command, [...options, file]);
      if (problem === undefined) return withoutAddedNewline(await readFile(file, 'utf8'), text);
      note(`${command}: ${problem}`);
      return undefined;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** @returns why it failed. */
function run(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code) => resolve(code === 0 ? undefined : `ended with ${code ?? 'a signal'}`));
  });
}

/** Editors add a newline at the end of a file, even if there was none. */
function withoutAddedNewline(edited: string, before: string): string {
  return before.endsWith('\n') ? edited : edited.replace(/\r?\n$/, '');
}
