import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { systems } from '../../servers/contract/systems.ts';
import { listFiles, PackageManager } from '@vscode/vsce';

const servers = systems.map(({ id }) => `dist/servers/${id}.cjs`);
const root = fileURLToPath(new URL('../..', import.meta.url));

it('contains what is needed to run, and nothing else', async () => {
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const odd = files.filter(
    (file) =>
      !/^(?:package(?:\.nls(?:\.de)?)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/u.test(file) &&
      !/^dist\/(?:extension|host|assemble|sdk-v2|anthropic|homoglyphs|markdown-it|yaml|zod|claude-(?:bedrock|vertex|foundry))\.cjs$/u.test(
        file,
      ) &&
      !/^dist\/(?:(?:webview|chart|grid)\.js|webview\.css)$/u.test(file) &&
      !/^dist\/codicon\.ttf$/u.test(file) &&
      !servers.includes(file) &&
      !/^dist\/servers\/(?:libpg-query\.wasm|(?:vault|aws-secrets|otel|part-[A-Z0-9]+)\.cjs)$/u.test(file) &&
      !/^dist\/runbooks\/[\w-]+\.md$/u.test(file) &&
      !/^media\/l10n\/(?:bundle|core|panel)\.l10n\.de\.json$/u.test(file) &&
      !/^media\/[\w-]+(?:\.schema)?\.(?:svg|png|json|yaml)$/u.test(file),
  );
  expect(odd).toEqual([]);
  expect(files).toEqual(expect.arrayContaining(servers));
});

it('is small', async () => {
  const { size } = await stat(inject('vscode').vsix);
  expect(size).toBeLessThan(2.4 * 1024 * 1024);
});
