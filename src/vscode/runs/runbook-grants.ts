import { window, l10n } from 'vscode';
import { showAll, type Grant, type Requirement } from '../../agent/policy/grants.ts';
import type { BoundRunbook } from '../../agent/runbook/runbook.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import type { GrantStore } from '../../sessions/grant-store.ts';

const requirementWords: Readonly<Record<Requirement, string>> = {
  'verified-numbers': l10n.t('every number in it is supported by evidence'),
  'no-links': l10n.t('it contains no links'),
  'no-mentions': l10n.t('it contains no mentions'),
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
    ? l10n.t('The runbook "{0}" or its destinations have changed since you accepted them.', runbook.title)
    : l10n.t('The runbook "{0}" wants to write without asking you each time.', runbook.title);
  const accept = l10n.t('Accept and Run');
  const choice = await window.showInformationMessage(
    showInvisible(message),
    { modal: true, detail: describeGrants(grants) },
    l10n.t('Run and Ask Me'), // the first button has the focus
    accept,
  );
  if (choice === accept) await store.acceptRunbook(runbook.name, acceptance);
  return choice !== undefined;
}

/** Describes each grant for the user: tool, destination, limit and conditions. */
export function describeGrants(grants: readonly Grant[]): string {
  const said = [
    l10n.t('It would be allowed to use:'),
    ...grants.map(describe),
    l10n.t('Everything else still needs your approval. If the text or a destination changes, you will be asked again.'),
  ];
  return showInvisible(said.join('\n\n'));
}

function describe({ tool, where, limit, require }: Grant): string {
  const conditions = (require ?? []).map((requirement) => requirementWords[requirement]);
  const arguments_ = Object.entries(where ?? {}).map(([name, values]) => `    ${name}: ${showAll(values)}`);
  return [
    `•  ${tool}`,
    ...(arguments_.length === 0 ? [`    ${l10n.t('to any destination')}`] : arguments_),
    `    ${describeLimit(limit)}`,
    ...conditions.map((condition) => `    ${l10n.t('only if {0}', condition)}`),
  ].join('\n');
}

function describeLimit(limit: number | undefined): string {
  if (limit === undefined) return l10n.t('any number of times');
  return limit === 1 ? l10n.t('at most once per run') : l10n.t('at most {0} times per run', limit);
}
