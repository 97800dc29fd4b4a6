import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { incidentRunbook } from '../../stack/claude/scripts/incident.ts';
import { startCli } from '../../stack/command-line.ts';
import type { Stack } from '../../stack/stack.ts';

export const webhookSecret = 'a-secret-of-the-sender';

export interface Worker {
  readonly origin: string;
  readonly pid: number;
  readonly stderr: () => string;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** With the exit code. */
  readonly ended: Promise<number | null>;
}

/** Runbooks of the sample workspace, by name, and a triggers file with a hook for each. @returns the file */
export async function writeTriggers(
  { workspace }: Pick<Stack, 'workspace'>,
  runbooks: readonly string[],
  more: object = {},
): Promise<string> {
  const folder = join(workspace.folder, '.switchboard', 'runbooks');
  await mkdir(folder, { recursive: true });
  for (const name of runbooks)
    await writeFile(join(folder, `${name}.md`), incidentRunbook.replace('name: incident', `name: ${name}`));
  const hook = (runbook: string) => ({
    from: 'hmac',
    secret: 'env:HOOK_SECRET',
    runs: [{ runbook, parameters: { incident: '{{incident}}' }, accept_grants: true }],
  });
  const file = join(workspace.folder, 'triggers.json');
  const triggers = Object.fromEntries(runbooks.map((name) => [name, hook(name)]));
  await writeFile(file, JSON.stringify({ triggers, ...more }));
  return file;
}

export async function startWorker(
  stack: Stack,
  file: string,
  variables: Readonly<Record<string, string>>,
): Promise<Worker> {
  const child = startCli(['worker', '--http', '127.0.0.1:0', '--triggers', file], {
    environment: { ...stack.environment, HOOK_SECRET: webhookSecret, ...variables },
    cwd: stack.workspace.folder,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  for (;;) {
    const origin = /listening on (http:\/\/\S+)\n/u.exec(stderr)?.[1];
    if (origin !== undefined)
      return { origin, pid: child.pid ?? 0, stderr: () => stderr, kill: (signal) => void child.kill(signal), ended };
    const over = await Promise.race([
      ended.then(() => true),
      new Promise<boolean>((resolve) => child.stderr?.once('data', () => resolve(false))),
    ]);
    if (over) throw new Error(`the worker ended: ${stderr}`);
  }
}

/** A webhook, signed as the trigger wants it. Rejects if nobody answers. */
export async function tell(origin: string, trigger: string, incident: string): Promise<Response> {
  const body = JSON.stringify({ incident });
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', webhookSecret).update(`${at}.${body}`).digest('hex');
  return fetch(`${origin}/hooks/${trigger}`, {
    method: 'POST',
    headers: { 'x-switchboard-timestamp': String(at), 'x-switchboard-signature': `sha256=${signature}` },
    body,
  });
}

/** What was made for an incident. */
export function madeFor({ jira, slack }: Pick<Stack, 'jira' | 'slack'>, incident: string) {
  return {
    tickets: jira.issues().filter(({ fields }) => fields['summary'] === `Incident ${incident}`).length,
    posts: slack.messages('#operations').filter(({ text }) => text.includes(`Incident ${incident}:`)).length,
  };
}
