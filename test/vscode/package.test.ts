import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { listFiles, PackageManager } from '@vscode/vsce';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('holds what is needed to run, and nothing else', async () => {
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const odd = files.filter(
    (file) =>
      !/^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE)$/u.test(file) &&
      !/^dist\/(?:extension|host|assemble|sdk-v2|claude-(?:bedrock|vertex|foundry))\.cjs$/u.test(file) &&
      !/^dist\/(?:(?:webview|chart)\.js|webview\.css)$/u.test(file) &&
      !/^dist\/codicon\.ttf$/u.test(file) &&
      !/^dist\/servers\/(?:(?:postgres|jira|slack)\.cjs|libpg-query\.wasm)$/u.test(file) &&
      !/^dist\/runbooks\/[\w-]+\.md$/u.test(file) &&
      !/^media\/[\w-]+(?:\.schema)?\.(?:svg|png|json|yaml)$/u.test(file),
  );
  expect(odd).toEqual([]);
  for (const server of ['postgres', 'jira', 'slack']) expect(files).toContain(`dist/servers/${server}.cjs`);
});

it('is small', async () => {
  const { size } = await stat(inject('vscode').vsix);
  expect(size).toBeLessThan(4 * 1024 * 1024);
});
