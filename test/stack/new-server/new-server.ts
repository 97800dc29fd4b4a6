// npm run new:server -- <id> "<Title>": writes a server with one read, one write and what undoes it, its rows, its
// stand-in and its tests. servers/README.md says how to go on.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNames, RefusedName } from './names.ts';
import { planServer } from './plan.ts';
import { writePlan } from './write-plan.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Where `npm run docs` writes what follows from the new rows. */
const tables = [
  'src/vscode/README.md',
  'src/terminal/README.md',
  'servers/README.md',
  'media/slack-app-manifest.yaml',
  'media/policy.schema.json',
  'media/runbook.schema.json',
];

function finish(files: readonly string[]): void {
  const formatter = join(dirname(createRequire(import.meta.url).resolve('oxfmt/package.json')), 'bin/oxfmt');
  run(
    formatter,
    files.filter((file) => /\.(?:ts|json)$/.test(file)),
  );
  run(join(root, 'test/stack/docs.ts'), []);
}

function run(script: string, parameters: readonly string[]): void {
  execFileSync(process.execPath, [script, ...parameters], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
}

try {
  const [id, title, ...rest] = process.argv.slice(2);
  if (title !== undefined && rest.length > 0)
    throw new RefusedName(
      `Put the title in quotes: npm run new:server -- ${id} ${JSON.stringify([title, ...rest].join(' '))}`,
    );
  const names = readNames(id, title);
  const plan = await planServer(names, root);
  await writePlan(plan, root, tables, finish);
  const upper = names.id.toUpperCase();
  console.log(`${names.title}: ${plan.added.size} files are new, and ${plan.changed.size} have its rows. Try it:

  npm run build && npx vitest run --config test/vitest.config.ts --project servers test/servers/${names.id}
  ${upper}_URL=https://... ${upper}_TOKEN=... node dist/cli.cjs serve ${names.id} --http 127.0.0.1:8080

Next: "Add a server in a day" in servers/README.md.`);
} catch (error) {
  if (!(error instanceof RefusedName)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
