import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/terminal/exit-codes.ts';
import { loadRunbook, type RunbookFolders } from '../../../src/terminal/options.ts';

let folders: RunbookFolders;
let notes: string[] = [];

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'switchboard-runbooks-'));
  folders = { workspace: join(root, 'code'), own: join(root, 'runbooks'), builtIn: join(root, 'built-in') };
  mkdirSync(folders.builtIn);
  put(folders.builtIn, 'orders', 'Built-in orders');
  notes = [];
  return () => rmSync(root, { recursive: true, force: true });
});

function put(folder: string, name: string, title: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), `---\nname: ${name}\ntitle: ${title}\n---\nLook.\n`);
}

const titleOf = async (name: string, acceptGrants = false): Promise<string> => {
  const note = (line: string): void => void notes.push(line);
  return (await loadRunbook(name, folders, {}, { note, acceptGrants })).runbook.title;
};

describe('a runbook by its name', () => {
  it('is the built-in one if the user has none', async () => {
    expect(await titleOf('orders')).toBe('Built-in orders');
    expect(notes).toEqual([]);
  });

  it("is the user's own, with a note if it overrides a built-in one", async () => {
    put(folders.own, 'mine', 'My own');
    put(folders.own, 'orders', 'My orders');
    expect(await titleOf('mine')).toBe('My own');
    expect(notes).toEqual([]);
    expect(await titleOf('orders')).toBe('My orders');
    expect(notes).toEqual([`${join(folders.own, 'orders.md')} overrides the built-in runbook 'orders'`]);
  });

  it("is the workspace's first, with a note on which one it overrides", async () => {
    put(folders.workspace, 'deploy', 'The deploy');
    put(folders.workspace, 'orders', 'Orders of this code');
    put(folders.workspace, 'mine', 'Mine, of this code');
    put(folders.own, 'mine', 'My own');
    expect(await titleOf('deploy', true)).toBe('The deploy');
    expect(notes).toEqual([]);
    expect(await titleOf('orders')).toBe('Orders of this code');
    expect(await titleOf('mine')).toBe('Mine, of this code');
    expect(notes).toEqual([
      `${join(folders.workspace, 'orders.md')} overrides the built-in runbook 'orders'`,
      `${join(folders.workspace, 'mine.md')} overrides your own runbook 'mine'`,
    ]);
  });

  it.each([
    ['a link to a device', (path: string) => symlinkSync('/dev/zero', path), 'it is not a regular file'],
    ['a named pipe', (path: string) => execFileSync('mkfifo', [path]), 'it is not a regular file'],
    ['a folder', (path: string) => mkdirSync(path), 'it is not a regular file'],
    ['huge', (path: string) => writeFileSync(path, '[ ]'.repeat(60_000)), 'it is larger than 65536 bytes'],
    ['a link that leads nowhere', (path: string) => symlinkSync('nothing', path), 'ENOENT'],
  ])('is rejected if it is %s', async (_name, make, reason) => {
    mkdirSync(folders.workspace);
    make(join(folders.workspace, 'odd.md'));
    await expect(titleOf('odd')).rejects.toThrow(`the file cannot be read (${reason})`);
  });

  it('may be a link to a regular file', async () => {
    put(folders.own, 'mine', 'My own');
    mkdirSync(folders.workspace);
    symlinkSync(join(folders.own, 'mine.md'), join(folders.workspace, 'linked.md'));
    expect(await titleOf('linked')).toBe('My own');
  });

  it('must be named by its file if its grants apply unreviewed and the workspace overrides another', async () => {
    put(folders.workspace, 'orders', 'Orders of this code');
    const loading = titleOf('orders', true);
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(join(folders.workspace, 'orders.md'));
    await expect(loading).rejects.toThrow(join(folders.builtIn, 'orders.md'));
    expect(await titleOf(join(folders.workspace, 'orders.md'), true)).toBe('Orders of this code');
  });

  it('if missing, is reported with the available ones and their places', async () => {
    await expect(titleOf('oders')).rejects.toThrow(
      `There is no runbook 'oders'. Built-in runbooks: orders; ${folders.own} contains none; or name a file: ./name.md`,
    );
    put(folders.own, 'mine', 'My own');
    put(folders.own, 'also', 'My own too');
    await expect(titleOf('oders')).rejects.toThrow(`Built-in runbooks: orders; ${folders.own} contains also, mine; or`);
    put(folders.workspace, 'deploy', 'The deploy');
    await expect(titleOf('oders')).rejects.toThrow(
      `orders; ${folders.workspace} contains deploy; ${folders.own} contains`,
    );
  });

  it('if invalid, is rejected with its full path', async () => {
    put(folders.own, 'mine', '[unclosed');
    const loading = titleOf('mine');
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(join(folders.own, 'mine.md'));
  });
});
