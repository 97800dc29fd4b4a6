import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { grantSchema, type Grant } from '../agent/policy/grants.ts';
import { isCode, withLock } from './lock-file.ts';
import { replaceFile } from './replace-file.ts';
import { makeFolder } from './make-folder.ts';

/** The grants file is damaged, so nothing is granted. The message names the file and the field. */
export class GrantStoreError extends Error {
  override readonly name = 'GrantStoreError';
}

const fileSchema = z.strictObject({
  version: z.literal(1),
  /** Granted by the user with "always". */
  grants: z.array(grantSchema),
  /**
   * The sha256 (hex) of each runbook text that the user has accepted, by runbook name. A changed runbook must be
   * accepted again.
   */
  acceptedRunbooks: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

type GrantFile = z.infer<typeof fileSchema>;

/** What the user has allowed beyond one run. Every method rereads the file, because another window may have changed it. */
export interface GrantStore {
  /** @throws GrantStoreError */
  readonly grants: () => Promise<readonly Grant[]>;
  /** @throws GrantStoreError */
  readonly addGrant: (grant: Grant) => Promise<void>;
  /** @throws GrantStoreError */
  readonly removeGrant: (grant: Grant) => Promise<void>;
  /** True only for the exact text that was accepted. @throws GrantStoreError */
  readonly isAccepted: (runbook: string, sha256: string) => Promise<boolean>;
  /** True when any text of this runbook was accepted. @throws GrantStoreError */
  readonly wasAccepted: (runbook: string) => Promise<boolean>;
  /** @throws GrantStoreError */
  readonly acceptRunbook: (runbook: string, sha256: string) => Promise<void>;
}

export function createGrantStore(file: string): GrantStore {
  const change = async (edit: (content: GrantFile) => GrantFile): Promise<void> => {
    await makeFolder(dirname(file));
    await withLock(`${file}.lock`, async () => replaceFile(file, edit(await load(file))));
  };
  return {
    grants: async () => (await load(file)).grants,
    addGrant: (grant) => change((content) => ({ ...content, grants: [...without(content.grants, grant), grant] })),
    removeGrant: (grant) => change((content) => ({ ...content, grants: without(content.grants, grant) })),
    isAccepted: async (runbook, sha256) => {
      const accepted = new Map(Object.entries((await load(file)).acceptedRunbooks));
      return accepted.get(runbook) === sha256;
    },
    wasAccepted: async (runbook) => Object.hasOwn((await load(file)).acceptedRunbooks, runbook),
    acceptRunbook: (runbook, sha256) =>
      change((content) => ({
        ...content,
        acceptedRunbooks: { ...content.acceptedRunbooks, [runbook]: sha256 },
      })),
  };
}

function without(grants: readonly Grant[], grant: Grant): Grant[] {
  return grants.filter((other) => !isDeepStrictEqual(other, grant));
}

async function load(file: string): Promise<GrantFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text === undefined) return { version: 1, grants: [], acceptedRunbooks: {} };
  const parsed = fileSchema.safeParse(parseJson(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GrantStoreError(`${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not valid'}`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GrantStoreError(`${file}: not valid JSON`, { cause: error });
  }
}
