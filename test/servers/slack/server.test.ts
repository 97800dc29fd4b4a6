import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { allScopes } from '../../stack/slack/documentation.ts';
import { toolNamesOf } from '../example-input.ts';
import { bundle, startServer, startStandIn, stateFolder } from './harness.ts';

async function exitOf(environment: Record<string, string>): Promise<{ code: unknown; stderr: string; stdout: string }> {
  const child = spawn(process.execPath, [bundle], { env: { PATH: process.env['PATH'], ...environment } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, ...output };
}

describe('the Slack server', () => {
  it('lists its tools in under 10 KB', async () => {
    const server = await startServer(await startStandIn());
    const { tools } = await server.client.listTools();
    expect(JSON.stringify({ tools }).length).toBeLessThan(10 * 1024);
    expect(tools.map(({ name }) => name).toSorted()).toEqual(toolNamesOf('slack').toSorted());
  });

  it('requests in its manifest exactly the scopes it uses', async () => {
    const text = await readFile(new URL('../../../media/slack-app-manifest.yaml', import.meta.url), 'utf8');
    const { oauth_config: oauth } = parse(text) as { oauth_config: { scopes: { bot: string[]; user: string[] } } };
    const { bot, user } = oauth.scopes;
    const needed = allScopes.flatMap((scope) => {
      if (scope === 'search:read') return [];
      // The stand-in does not distinguish private channels, whose scope has another name.
      return scope.startsWith('channels:') ? [scope, scope.replace('channels:', 'groups:')] : [scope];
    });
    expect(new Set(bot)).toEqual(new Set(needed));
    expect(user).toEqual(['search:read']);
  });

  it.each([
    [{}, 'SLACK_BOT_TOKEN is not set'],
    [{ SLACK_BOT_TOKEN: 'hunter2' }, 'SLACK_BOT_TOKEN: must be a Slack token (xoxb-..., from "OAuth & Permissions"'],
    [
      { SLACK_BOT_TOKEN_FILE: '/nowhere' },
      'SLACK_BOT_TOKEN_FILE names the file /nowhere, which cannot be read (ENOENT)',
    ],
    [
      { SLACK_BOT_TOKEN: 'xoxb-1-aaaaaaaaaaaa', SLACK_API_URL: 'http://slack.example/api' },
      'SLACK_API_URL: must be an https address such as https://slack.com/api/',
    ],
    [
      { SLACK_BOT_TOKEN: 'xoxb-1-aaaaaaaaaaaa', SWITCHBOARD_RATE_LIMITS: 'post_slack_message=lots' },
      "SWITCHBOARD_RATE_LIMITS: in 'post_slack_message=lots', 'lots' is not a limit such as 10/10m",
    ],
  ])('rejects the settings %j with one line and code 78', async (environment, message) => {
    const { code, stderr, stdout } = await exitOf(environment);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain(`switchboard-slack: ${message}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('hunter2');
  });

  it('says what is wrong with the credentials', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack, { SLACK_BOT_TOKEN: 'xoxb-000-wrong-token-value' });
    expect(await server.fail('list_slack_channels', {})).toMatchObject({
      code: 'unauthorized',
      message: 'Slack rejected the token.',
      hint: 'Put a valid bot token (xoxb-...) in SLACK_BOT_TOKEN.',
      retryable: false,
    });
    const other = await startServer(slack, { SLACK_USER_TOKEN: 'xoxp-000-wrong-token-value' });
    expect(await other.fail('search_slack_messages', { query: 'checkout' })).toMatchObject({
      code: 'unauthorized',
      hint: 'Put a valid user token (xoxp-...) in SLACK_USER_TOKEN.',
    });
  });

  it('mistakes neither a login page nor a redirect for Slack, and sends no credential elsewhere', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const seen: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers);
      response.end('{"ok":true,"channels":[]}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void elsewhere.close());
    const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/api/conversations.list`;
    slack.misbehave({ method: 'conversations.list', fault: { kind: 'html' } });
    expect(await server.fail('list_slack_channels', {})).toMatchObject({
      code: 'upstream_error',
      message: 'The response to conversations.list did not come from Slack (a proxy or a login page?).',
    });
    slack.misbehave({ method: 'conversations.list', fault: { kind: 'redirect', to } });
    expect(await server.fail('list_slack_channels', {})).toMatchObject({
      code: 'upstream_error',
      message: 'The response to conversations.list was a redirect (a proxy or a login page?). It was not followed.',
    });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'redirect', to } });
    expect(await server.fail('post_slack_message', { channel: '#general', text: 'x' })).toMatchObject({
      code: 'upstream_error',
    });
    expect(seen).toEqual([]);
  });

  it('uploads nothing to a host that is not Slack', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const answer = { ok: true, file_id: 'F1', upload_url: 'http://169.254.169.254/latest' } as const;
    slack.misbehave({ method: 'files.getUploadURLExternal', fault: { kind: 'answer', answer } });
    expect(
      await server.fail('upload_slack_file', { channel: '#general', filename: 'a.txt', content: 'x' }),
    ).toMatchObject({
      code: 'upstream_error',
      message: 'Slack named an upload address of another host (169.254.169.254); nothing was sent.',
    });
  });

  it('explains rejected blocks and incomplete responses', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const more = {
      response_metadata: { messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text]'] },
    };
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'refuse', error: 'invalid_blocks', more } });
    const post = { channel: '#general', text: 'x' };
    expect(await server.fail('post_slack_message', post)).toMatchObject({
      code: 'upstream_error',
      message: 'Slack rejected chat.postMessage: invalid_blocks.',
      details: { reasons: more.response_metadata.messages },
    });
    slack.misbehave({ method: 'conversations.history', fault: { kind: 'answer', answer: { ok: true } } });
    expect(await server.fail('read_slack_channel', { channel: '#general' })).toMatchObject({
      code: 'upstream_error',
      message: "Slack's response to conversations.history is missing a required field: messages.",
    });
  });

  it('reports a posted message even if its link is unavailable', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    slack.misbehave({ method: 'chat.getPermalink', fault: { kind: 'status', status: 500 } });
    const { structured } = await server.call('post_slack_message', { channel: '#general', text: 'x' });
    const [message] = slack.messages('#general');
    expect(structured['permalink']).toBe(`${slack.url}/archives/C0GENERAL/p${message?.ts.replace('.', '')}`);
  });

  it('stops requests to Slack when the client cancels', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    slack.misbehave({ method: 'conversations.list', fault: { kind: 'hang' } });
    const broken = slack.broken('conversations.list');
    const asked = slack.handled('conversations.list');
    const leaving = new AbortController();
    const call = server.call('list_slack_channels', {}, { signal: leaving.signal });
    await asked;
    leaving.abort();
    await expect(call).rejects.toThrow();
    await broken;
  });

  it('keeps every secret where it belongs: in the Authorization header', async () => {
    const slack = await startStandIn();
    const state = await stateFolder();
    const server = await startServer(slack, {
      SLACK_USER_TOKEN: slack.userToken,
      SWITCHBOARD_STATE_DIR: state,
      SWITCHBOARD_LOG: 'debug',
    });
    const text = `my token is ${slack.token} or ${Buffer.from(slack.token).toString('base64')}`;
    const { structured } = await server.call(
      'post_slack_message',
      { channel: '#general', text },
      { key: 'secret-key-1' },
    );
    await server.call('upload_slack_file', {
      channel: '#general',
      filename: 'a.txt',
      content: text,
      comment: slack.token,
    });
    await server.call('update_slack_message', { channel: '#general', ts: structured['ts'], text: `${text} again` });
    await server.call('search_slack_messages', { query: 'checkout' });
    await server.fail('post_slack_message', { channel: slack.token, text: 'x' });
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'error-after-store' } });
    await server.call('post_slack_message', { channel: '#general', text }, { key: 'secret-key-2' });
    await server.close();
    for (const secret of [slack.token, slack.userToken]) {
      for (const { method, headers, body } of slack.requests()) {
        const { authorization: _, ...others } = headers;
        expect(`${JSON.stringify(others)}${decodeURIComponent(body.replaceAll('+', ' '))}`, method).not.toContain(
          secret,
        );
      }
      expect(server.stderr()).not.toContain(secret);
      for (const file of await readdir(state, { recursive: true, withFileTypes: true }))
        if (file.isFile()) expect(await readFile(join(file.parentPath, file.name), 'utf8')).not.toContain(secret);
    }
    expect(slack.messages('#general')).toHaveLength(3);
  });

  it('has a page for people that executes nothing of what was posted', async () => {
    const slack = await startStandIn();
    const server = await startServer(slack);
    const text =
      '<script>alert(1)</script> <img src=x onerror=alert(1)> [x"onmouseover="y](https://a.example/"onclick=")';
    await server.call('post_slack_message', { channel: '#general', text });
    const response = await fetch(slack.channelUrl('general'));
    const page = await response.text();
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|<img|"onclick=|"onmouseover=/);
    expect((await fetch(`${slack.url}/channels/%3Cscript%3E`)).status).toBe(404);
  });
});
