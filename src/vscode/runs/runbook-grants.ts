import { window } from 'vscode';
import { showAll, type Grant, type Requirement } from '../../agent/policy/grants.ts';
import type { BoundRunbook } from '../../agent/runbook/runbook.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import type { GrantStore } from '../../sessions/grant-store.ts';

const requirementWords: Readonly<Record<Requirement, string>> = {
  'verified-numbers': 'every number in it is supported by evidence',
  'no-links': 'it contains no links',
  'no-mentions': 'it contains no mentions',
};

/**
 * Asks the user to accept what the runbook can write without approval. Asks again if its text or a destination changes.
 * @param quiet skips the question for a runbook that was never accepted. Each of its writes then needs approval.
 * @returns false if the user decides not to run it.
 */
export async function settleGrants(bound: BoundRunbook, store: GrantStore, quiet: boolean): Promise<boolean> {
  const { runbook, grants, acceptance } = bound;
  if (grants.length === 0 || (await store.isAccepted(runbook.name, acceptance))) return true;
  const changed = await store.wasAccepted(runbook.name);
  if (quiet && !changed) return true;
  const message = changed
    ? `The runbook "${runbook.title}" or its destinations have changed since you accepted them.`
    : `The runbook "${runbook.title}" wants to write without asking you each time.`;
  const choice = await window.showInformationMessage(
    showInvisible(message),
    { modal: true, detail: describeGrants(grants) },
    'Run and Ask Me', // the first button has the focus
    'Accept and Run',
  );
  if (choice === 'Accept and Run') await store.acceptRunbook(runbook.name, acceptance);
  return choice !== undefined;
}

/** Describes each grant for the user: tool, destination, limit and conditions. */
export function describeGrants(grants: readonly Grant[]): string {
  const said = [
    'It would be allowed to use:',
    ...grants.map(describe),
    'Everything else still needs your approval. If the text or a destination changes, you will be asked again.',
  ];
  return showInvisible(said.join('\n\n'));
}

function describe({ tool, where, limit, require }: Grant): string {
  const conditions = (require ?? []).map((requirement) => requirementWords[requirement]);
  const arguments_ = Object.entries(where ?? {}).map(([name, values]) => `    ${name}: ${showAll(values)}`);
  return [
    `•  ${tool}`,
    ...(arguments_.length === 0 ? ['    to any destination'] : arguments_),
    limit === undefined ? '    any number of times' : `    at most ${limit === 1 ? 'once' : `${limit} times`} per run`,
    ...conditions.map((condition) => `    only if ${condition}`),
  ].join('\n');
}
