import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { edits } from './edits.ts';
import { type Names, RefusedName } from './names.ts';

/** What a new server adds and changes. Nothing is written yet. */
export interface Plan {
  /** Path and text of new files. */
  readonly added: ReadonlyMap<string, string>;
  readonly changed: ReadonlyMap<string, { readonly before: string; readonly after: string }>;
}

const template = fileURLToPath(new URL('template', import.meta.url));

/**
 * @param root of the repository.
 * @throws RefusedName if something has the name. Error if a file that lists the servers is not as expected.
 */
export async function planServer(names: Names, root: string): Promise<Plan> {
  const added = new Map<string, string>();
  for (const entry of await readdir(template, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = fill(path.slice(template.length + 1).replace(/\.txt$/, ''), names);
    if (existsSync(join(root, target))) throw new RefusedName(`${target} is there already. Choose another id.`);
    added.set(target, fill(await readFile(path, 'utf8'), names));
  }
  const folder = `servers/${names.id}`;
  if (existsSync(join(root, folder))) throw new RefusedName(`There is a folder ${folder} already. Choose another id.`);
  const changed = new Map<string, { before: string; after: string }>();
  for (const { file, apply } of edits) {
    const before = await readFile(join(root, file), 'utf8');
    try {
      changed.set(file, { before, after: apply(before, names) });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${file} is not as test/stack/new-server/edits.ts expects: ${why}`, { cause: error });
    }
  }
  return { added, changed };
}

function fill(text: string, { id, title }: Names): string {
  return text
    .replaceAll('__id__', id)
    .replaceAll('__ID__', id.toUpperCase())
    .replaceAll('__Id__', `${id.charAt(0).toUpperCase()}${id.slice(1)}`)
    .replaceAll('__Title__', title);
}
