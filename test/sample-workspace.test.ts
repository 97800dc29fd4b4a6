import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createSampleWorkspace } from './stack/sample-workspace.ts';

const run = promisify(execFile);
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

it('shows no problem in an editor, with nothing installed', async () => {
  const { folder, remove } = await createSampleWorkspace(new Date());
  try {
    // What it finds is on its output, and it exits with an error.
    const checked = await run(process.execPath, [compiler, '-p', folder]).catch((error: unknown) => error);
    expect(checked).toMatchObject({ stdout: '' });
  } finally {
    await remove();
  }
});
