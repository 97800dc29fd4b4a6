// npm run package:servers: each server as a package for npm, in dist/packages. They depend on nothing.
import { copyFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systems, type SystemId } from '../../../servers/contract/systems.ts';
import { version } from '../../../servers/contract/version.ts';
import { ourServers } from '../../servers/our-servers.ts';
import { packageName, registryName } from './server-json.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const source = 'https://github.com/switchboard-dev/switchboard';

/** @returns the folder of each package. */
export async function packageServers(dist: string, folder: string): Promise<Readonly<Record<string, string>>> {
  await rm(folder, { recursive: true, force: true });
  const written = systems.map(async ({ id, title }) => {
    const target = join(folder, `server-${id}`);
    await writePackage(id, title, dist, target);
    return [id, target] as const;
  });
  return Object.fromEntries(await Promise.all(written));
}

async function writePackage(id: SystemId, title: string, dist: string, target: string): Promise<void> {
  const main = `servers/${id}.cjs`;
  for (const file of await neededBy(main, dist)) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await cp(join(dist, file), join(target, file));
  }
  const bin = `switchboard-server-${id}`;
  await writeFile(join(target, 'main.cjs'), `#!/usr/bin/env node\nrequire('./${main}');\n`, { mode: 0o755 });
  await copyFile(join(root, 'LICENSE'), join(target, 'LICENSE'));
  await copyFile(join(root, `servers/${id}/server.json`), join(target, 'server.json'));
  const readme = await readFile(join(root, `servers/${id}/README.md`), 'utf8');
  await writeFile(join(target, 'README.md'), readmeOf(id, readme));
  const manifest = {
    name: packageName(id),
    version,
    description: ourServers[id].description,
    keywords: ['mcp', 'mcp-server', title.toLowerCase()],
    homepage: `${source}/blob/main/servers/${id}/README.md`,
    bugs: { url: `${source}/issues` },
    license: 'MIT',
    repository: { type: 'git', url: `git+${source}.git`, directory: `servers/${id}` },
    bin: { [bin]: 'main.cjs' },
    files: ['main.cjs', '*.cjs', 'servers', 'server.json'],
    engines: { node: '>=22' },
    publishConfig: { access: 'public' },
    mcpName: registryName(id),
  };
  await writeFile(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** A bundle and all that it loads, now or later. The parser of SQL looks for its WebAssembly beside itself. */
async function neededBy(main: string, dist: string): Promise<readonly string[]> {
  const needed = new Set([main]);
  for (const file of needed) {
    if (!file.endsWith('.cjs')) continue;
    const text = await readFile(join(dist, file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:require|import)\("(\.{1,2}\/[\w./-]+\.cjs)"\)/g))
      needed.add(normalize(join(dirname(file), path)));
    if (text.includes('libpg-query.wasm')) needed.add('servers/libpg-query.wasm');
  }
  return [...needed].toSorted();
}

/** The server's own README, whose links lead into the repository, after how to start it. */
function readmeOf(id: SystemId, readme: string): string {
  const [heading = '', ...rest] = readme.split('\n');
  const linked = rest.join('\n').replaceAll(/\]\((?!https?:|#)([^)\s]+)\)/g, (_, target: string) => {
    const { pathname, hash } = new URL(target, `file:///servers/${id}/README.md`);
    return `](${source}/blob/main${pathname}${hash})`;
  });
  const start = `\`\`\`json
{ "mcpServers": { "${id}": { "command": "npx", "args": ["-y", "${packageName(id)}"], "env": {} } } }
\`\`\`

For many clients, over HTTP: \`npx -y ${packageName(id)} --http 127.0.0.1:8080\`. The variables are [below](#configuration).
`;
  return `${heading}\n\n${start}${linked}`;
}

if (import.meta.main) {
  const folders = await packageServers(join(root, 'dist'), join(root, 'dist/packages'));
  for (const target of Object.values(folders)) console.log(`${target}: npm publish ${target}`);
}
