import { join } from 'node:path';
import { describeGrant } from '../../agent/policy/grants.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import type { BoundRunbook } from '../../agent/runbook/runbook.ts';
import { createGrantStore } from '../../sessions/grant-store.ts';
import { UsageError } from '../exit-codes.ts';

/**
 * Records that a person has accepted this runbook's grants with these parameters. Pinned by hash, so that a changed
 * text or another destination asks again. Returns what was accepted, one line each.
 * @throws UsageError for a runbook that declares no grants
 */
export async function acceptRunbook(bound: BoundRunbook, stateFolder: string): Promise<string> {
  const { runbook, grants, acceptance } = bound;
  if (grants.length === 0) throw new UsageError(`${runbook.name} declares no grants, so there is nothing to accept.`);
  await createGrantStore(join(stateFolder, 'grants.json')).acceptRunbook(runbook.name, acceptance);
  const lines = grants.map((grant) => `  ${showInvisible(describeGrant(grant))}`);
  const pinned = `Pinned to ${acceptance.slice(0, 12)}. A changed runbook or another destination asks again.`;
  return [`${runbook.name} may now do this without asking:`, ...lines, pinned, ''].join('\n');
}
