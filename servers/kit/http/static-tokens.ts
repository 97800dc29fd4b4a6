import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ConfigurationError } from '../errors.ts';
import type { Identity } from './identity.ts';

interface Entry {
  readonly name: string;
  readonly sha256: Buffer;
  readonly scopes: readonly string[];
  readonly groups: readonly string[];
}

/** Tokens handed out by an administrator, stored as hashes, for setups without an authorization server. */
export interface StaticTokens {
  readonly find: (token: string) => Promise<Identity | undefined>;
}

/**
 * A file of lines `name sha256 scope,scope [group,group]`, `#` for remarks. Reread when it changes, so that a token can
 * be revoked without a restart. If it then has an error, none of its tokens is valid.
 * @throws ConfigurationError that names the line.
 */
export async function openStaticTokens(path: string): Promise<StaticTokens> {
  let { entries, changed } = await load(path);
  return {
    find: async (token) => {
      if (token.length < minLength) return undefined;
      const now = (await stat(path)).mtimeMs;
      if (now !== changed) ({ entries, changed } = await load(path));
      const digest = createHash('sha256').update(token).digest();
      let found: Entry | undefined;
      for (const entry of entries) if (timingSafeEqual(entry.sha256, digest)) found = entry;
      if (found === undefined) return undefined;
      const { name, scopes, groups } = found;
      return { issuer: 'static', subject: name, actor: name, scopes, groups, claims: { sub: name, groups } };
    },
  };
}

/** A shorter one could be guessed from its hash. */
const minLength = 32;

async function load(path: string): Promise<{ entries: readonly Entry[]; changed: number }> {
  try {
    const { mtimeMs } = await stat(path);
    return { entries: parse(await readFile(path, 'utf8')), changed: mtimeMs };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigurationError(`SWITCHBOARD_HTTP_TOKENS_FILE names ${path}, which cannot be read (${reason})`);
  }
}

function parse(text: string): Entry[] {
  const entries = text.split('\n').flatMap((line, index): Entry[] => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    const [name, sha256, scopes, groups, ...more] = trimmed.split(/\s+/u);
    if (name === undefined || !/^[0-9a-f]{64}$/u.test(sha256 ?? '') || scopes === undefined || more.length > 0)
      throw new ConfigurationError(
        `SWITCHBOARD_HTTP_TOKENS_FILE, line ${index + 1}: must be 'name sha256 scope,scope [group,group]'`,
      );
    return [
      { name, sha256: Buffer.from(sha256 ?? '', 'hex'), scopes: scopes.split(','), groups: groups?.split(',') ?? [] },
    ];
  });
  const names = entries.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigurationError(`SWITCHBOARD_HTTP_TOKENS_FILE names ${twice} twice`);
  return entries;
}
