import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readNames } from './stack/new-server/names.ts';
import { planServer } from './stack/new-server/plan.ts';
import { writePlan } from './stack/new-server/write-plan.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** That nobody will have made when these tests run. */
const names = { id: 'fictitious', title: 'Fictitious System' };

/** A folder with the files that a new server changes, as they are. */
async function copyOfChanged(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'new-server-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [file, { before }] of (await planServer(names, root)).changed) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), before);
  }
  return folder;
}

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => join(entry.parentPath, entry.name) + (entry.isDirectory() ? '/' : ''));
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [path, path.endsWith('/') ? '' : await readFile(path, 'utf8')] as const),
    ),
  );
}

// That what is written compiles, passes its tests and can be used: npm run test:new-server.
describe('a new server', () => {
  it('has all its names filled in, and a row in each file that lists the servers', async () => {
    const { added, changed } = await planServer(names, root);
    for (const [file, text] of added) expect(`${file}\n${text}`).not.toMatch(/__(?:id|ID|Id|Title)__/);
    expect([...added.keys()]).toContain('servers/fictitious/tools/create-fictitious-item.ts');
    for (const [file, { before, after }] of changed) {
      expect(after.length, file).toBeGreaterThan(before.length);
      expect(after, file).toMatch(/fictitious|Fictitious System/);
      if (file.endsWith('.json')) expect(() => JSON.parse(after) as unknown, file).not.toThrow();
    }
  });

  it('can follow another one', async () => {
    const folder = await copyOfChanged();
    await writePlan(await planServer(names, folder), folder, [], () => undefined);
    const { changed } = await planServer({ id: 'imaginary', title: 'Imaginary System' }, folder);
    for (const { after } of changed.values())
      expect(after).toMatch(/fictitious[\s\S]*imaginary|imaginary[\s\S]*fictitious/i);
  });

  it.each([
    [undefined, undefined, 'Give an id and a title: npm run new:server -- statuspage "Status Page"'],
    ['fictitious', undefined, 'Give an id and a title'],
    ['Status', 'Status', '2 to 20 small letters and nothing else, such as statuspage'],
    ['status-page', 'Fictitious System', '2 to 20 small letters'],
    ['../../etc', 'Fictitious System', '2 to 20 small letters'],
    ['s', 'S', '2 to 20 small letters'],
    ['jira', 'Another', "There is a server 'jira' already."],
    ['kit', 'Kit', "'kit' means something else here."],
    ['delete', 'Delete', "'delete' is a word of TypeScript."],
    ['aws', 'AWS', 'would begin with AWS_'],
    ['db', 'DB', 'would begin with DB_'],
    ['fictitious', 'Jira', 'There is a server with the title Jira already.'],
    ['fictitious', "Fictitious'; import 'x", 'cannot be a title'],
    ['fictitious', '`${x}`', 'cannot be a title'],
    ['fictitious', '', 'cannot be a title'],
    ['fictitious', 'A\nB', 'cannot be a title'],
  ])('is not called %j, %j', (id, title, why) => {
    expect(() => readNames(id, title)).toThrow(why);
  });

  it('takes no folder that is there', async () => {
    const folder = await copyOfChanged();
    await mkdir(join(folder, 'servers/fictitious'));
    await expect(planServer(names, folder)).rejects.toThrow('There is a folder servers/fictitious already.');
    await mkdir(join(folder, 'src/settings'), { recursive: true });
    await writeFile(join(folder, 'src/settings/fictitious.ts'), '');
    await expect(planServer(names, folder)).rejects.toThrow('src/settings/fictitious.ts is there already.');
  });

  it('says which file has changed so much that its row finds no place', async () => {
    const folder = await copyOfChanged();
    await writeFile(join(folder, 'servers/contract/systems.ts'), 'export {};\n');
    const before = await contentOf(folder);
    await expect(planServer(names, folder)).rejects.toThrow(/^servers\/contract\/systems\.ts is not as .* expects/);
    expect(await contentOf(folder)).toEqual(before);
  });

  it('leaves nothing behind if a step fails', async () => {
    const folder = await copyOfChanged();
    await writeFile(join(folder, 'README.md'), 'as it was');
    const before = await contentOf(folder);
    const plan = await planServer(names, folder);
    let written = 0;
    const fails = writePlan(plan, folder, ['README.md'], (files) => {
      written = files.length;
      throw new Error('the formatter is missing');
    });
    await expect(fails).rejects.toThrow('the formatter is missing');
    expect(written).toBe(plan.added.size + plan.changed.size);
    expect(await contentOf(folder)).toEqual(before);
  });
});
