import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { distFolder } from '../stack/command-line.ts';
import { listen } from '../stack/listen.ts';
import { startSlack } from '../stack/slack/slack.ts';

/** Slack, whose answer to a reaction is held back until it is let go. */
async function startHeldSlack() {
  const slack = await startSlack();
  let letGo = (): void => undefined;
  let reached = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  const proxy = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(z.instanceof(Uint8Array).parse(chunk)));
      const answer = await fetch(`${slack.apiUrl}${request.url?.slice(1) ?? ''}`, {
        method: 'POST',
        headers: {
          authorization: request.headers.authorization ?? '',
          'content-type': request.headers['content-type'] ?? '',
        },
        body: Buffer.concat(chunks),
      });
      const body = await answer.text();
      if (request.url === '/reactions.add') {
        reached();
        await held;
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    })();
  });
  const url = `http://127.0.0.1:${await listen(proxy)}/`;
  onTestFinished(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await slack.stop();
  });
  return { slack, url, letGo: () => letGo(), arrived };
}

it.each([
  ['with a key', { 'dev.switchboard/idempotency-key': 'stopping-once-0001' }] as const,
  ['without a key', {}] as const,
])(
  'a write %s whose answer is on its way when the client leaves is recorded before the server ends',
  async (_, meta) => {
    const { slack, url, letGo, arrived } = await startHeldSlack();
    const stateFolder = await mkdtemp(join(tmpdir(), 'stopping-'));
    onTestFinished(() => rm(stateFolder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [join(distFolder, 'servers', 'slack.cjs')], {
      env: {
        SLACK_BOT_TOKEN: slack.token,
        SLACK_API_URL: url,
        SWITCHBOARD_STATE_DIR: stateFolder,
        SWITCHBOARD_LOG: 'debug',
      },
      stdio: 'pipe',
    });
    const ended = once(child, 'exit');
    const stopping = new Promise<void>((resolve) => {
      child.stderr.on('data', (text: Buffer) => {
        if (text.includes('stopping')) resolve();
      });
    });
    child.stdout.resume();
    const send = (message: object): void =>
      void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    const clientInfo = { name: 'test', version: '1' };
    send({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
    const question = slack.workspace.channel('C0OPERATE')?.messages.at(-1);
    const input = { channel: 'C0OPERATE', ts: question?.ts, name: 'rocket' };
    send({ id: 2, method: 'tools/call', params: { name: 'add_slack_reaction', arguments: input, _meta: meta } });
    await arrived;
    child.stdin.end();
    await stopping;
    letGo();
    expect(await ended).toEqual([0, null]);
    const [log = ''] = await readdir(join(stateFolder, 'audit'));
    const records = (await readFile(join(stateFolder, 'audit', log), 'utf8')).trim().split('\n');
    expect(records.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { phase: 'intent', tool: 'add_slack_reaction' },
      { phase: 'result', tool: 'add_slack_reaction', outcome: 'ok' },
    ]);
  },
);
