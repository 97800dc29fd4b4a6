import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bindRunbook, parseRunbook } from '../../src/agent/runbook/runbook.ts';
import { assemble } from '../../src/assemble.ts';
import { settingsSchema } from '../../src/settings.ts';
import { distFolder } from '../stack/command-line.ts';
import { startSharedStack } from './harness.ts';

test('a run that another agent asked for writes nothing without a card, whatever was accepted before', async () => {
  const stack = await startSharedStack({ failed: 12 });
  const switchboard = assemble({
    variables: stack.environment,
    settings: settingsSchema.parse({}),
    distFolder,
    stateFolder: stack.stateFolder,
    mcpConfig: undefined,
    grants: [],
    workspace: stack.workspace.folder,
    report: () => undefined,
  });
  try {
    const parsed = parseRunbook(await readFile('src/runbooks/failed-orders.md', 'utf8'), 'failed-orders.md');
    if (parsed.kind !== 'valid') throw new Error('the built-in runbook is not valid');
    const bound = bindRunbook(parsed.runbook, {});
    if (bound.kind !== 'bound') throw new Error(bound.problems.join(' '));
    const { signal } = new AbortController();
    const request = { prompt: 'Investigate', attachments: [], runbook: bound.bound, ask: undefined, signal };
    const asked: string[] = [];
    for await (const event of switchboard.start({ ...request, acceptGrants: true, withoutGrants: true }))
      if (event.type === 'run-finished') asked.push(`${event.reason} ${event.writeNotGranted}`);
    expect(asked).toEqual(['denied true']);
    expect(stack.jira.issues()).toEqual([]);
  } finally {
    await switchboard.dispose();
    await stack.stop();
  }
});
