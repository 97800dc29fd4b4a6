import { createHash } from 'node:crypto';
import { ownServers } from '../server-specs.ts';

const maxLength = 32;
const reserved: readonly string[] = [...ownServers, 'host', 'workspace'];

/**
 * Server ids from the names in the file: unique, valid as the prefix of a tool name, and never one of ours. `My Server`
 * becomes `My-Server`, a second `postgres` `postgres-2`.
 */
export function assignServerIds(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(reserved);
  // A valid name becomes the id unchanged, wherever it is in the file.
  const legalFirst = names.toSorted((a, b) => Number(slugOf(b) === b) - Number(slugOf(a) === a));
  const ids = new Map<string, string>();
  for (const name of legalFirst) {
    const slug = slugOf(name);
    let id = slug;
    for (let count = 2; taken.has(id); count += 1) id = `${slug.slice(0, maxLength - 4)}-${count}`;
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}

function slugOf(name: string): string {
  const slug = name
    .normalize('NFKC')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/_{2,}/g, '_')
    .replaceAll(/^[-_]+|[-_]+$/g, '');
  if (slug !== '' && slug.length <= maxLength) return slug;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return slug === '' ? `server-${hash}` : `${slug.slice(0, maxLength - 9).replace(/[-_]+$/, '')}-${hash}`;
}
