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
 * What the runbook may write by itself, shown to the person once: until its text or a destination changes.
 * @param quiet leaves a runbook alone that the person has never accepted: its writes then ask, each with its card.
 * @returns false when the person does not want it to run at all.
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
    'Run and Ask Me', // the first one has the focus
    'Accept and Run',
  );
  if (choice === 'Accept and Run') await store.acceptRunbook(runbook.name, acceptance);
  return choice !== undefined;
}

/** For a person: tool, where to, how often, and what must hold. */
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
