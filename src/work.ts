import process from 'node:process';
import { assemble, hasClaude } from './assemble.ts';
import { distFolder, findRunbook, readMcpFile, report, stateFolder } from './command-line.ts';
import { exitCodeOf } from './terminal/exit-code.ts';
import {
  bindOr,
  noPolicy,
  readNamedFile,
  readPolicyFile,
  requireStateFolder,
  requireWorkspace,
  settingsOf,
} from './terminal/options.ts';
import type { WorkerOptions } from './terminal/program.ts';
import { withKey, withRemoteSecrets } from './terminal/read-key.ts';

/** Runs what webhooks and commands ask for, until the signal. */
export async function work(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  await requireWorkspace(options.workspace);
  await requireStateFolder(stateFolder());
  const variables = await withRemoteSecrets(await withKey(process.env, hasClaude));
  const policy = options.policy === undefined ? noPolicy : await readPolicyFile(options.policy);
  const triggers = options.triggers;
  const mcpConfig = await readMcpFile(options.mcpConfig);
  // A bundle of its own, with the client of PostgreSQL and the queue.
  const { runWorker } = await import('./service/worker.ts');
  await runWorker({
    http: options.http,
    triggers:
      triggers === undefined ? undefined : { file: triggers, text: await readNamedFile('--triggers', triggers) },
    variables: process.env,
    approvals: policy.approvals,
    exitCodeOf,
    bind: (name, parameters) => bindOr(() => findRunbook(name, parameters, options)),
    assemble: (sessions, more) =>
      assemble({
        sessions,
        variables: { ...variables, ...more },
        settings: settingsOf(process.env),
        distFolder,
        stateFolder: stateFolder(),
        mcpConfig,
        grants: policy.grants,
        workspace: options.workspace,
        report,
      }),
    report,
    signal,
  });
}
