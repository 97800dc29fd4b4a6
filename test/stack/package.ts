import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the extension as a .vsix. Everything is bundled into dist/: no package of node_modules goes in. */
export async function packageExtension(path: string): Promise<void> {
  await createVSIX({
    cwd: root,
    packagePath: path,
    dependencies: false,
  });
}

if (import.meta.main) {
  const path = `${root}switchboard.vsix`;
  await packageExtension(path);
  const { size } = await stat(path);
  console.log(`${path} (${(size / 1024 / 1024).toFixed(1)} MB). Install it: code --install-extension switchboard.vsix`);
}
