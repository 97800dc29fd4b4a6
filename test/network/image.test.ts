// Builds the image and runs it. Needs Debian's buildah, podman and runc, and root; no registry and no daemon.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { buildImage } from '../stack/image.ts';

const run = promisify(execFile);
const image = 'localhost/switchboard:test';
let folder: string;
let where: readonly string[];
let provenance: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-podman-'));
  const store = { root: join(folder, 'root'), runroot: join(folder, 'run') };
  where = ['--root', store.root, '--runroot', store.runroot, '--storage-driver', 'overlay'];
  ({ provenance } = await buildImage(image, store));
});
afterAll(async () => {
  await run('podman', [...where, 'system', 'reset', '--force']).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

/** A container as the chart and compose.yaml start it: nothing may be written, no capability, no network. */
function container(words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096', '--runtime', 'runc'];
  const safe = ['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--network', 'none'];
  const set = Object.entries(variables).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return spawn('podman', [...where, 'run', '--rm', '-i', ...limits, ...safe, ...set, image, ...words]);
}

async function outcome(child: ReturnType<typeof container>): Promise<{ code: unknown; text: string }> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += String(part)));
  child.stdin.end();
  const ended: readonly unknown[] = await once(child, 'close');
  return { code: ended[0], text };
}

const insideSchema = z.object({
  uid: z.number(),
  written: z.array(z.string()),
  shells: z.array(z.string()),
  status: z.string(),
});

const look = `
const fs = require('node:fs');
const written = ['/x', '/app/x', '/usr/bin/x', '/etc/x'].filter((path) => { try { fs.writeFileSync(path, ''); return true } catch { return false } });
const shells = ['/bin/sh', '/bin/bash', '/usr/bin/env', '/bin/busybox'].filter((path) => fs.existsSync(path));
console.log(JSON.stringify({ uid: process.getuid(), written, shells, status: fs.readFileSync('/proc/self/status', 'utf8') }));
`;

describe('the image', () => {
  it('is smaller than 140 MB and names a person without rights', async () => {
    const { stdout } = await run('podman', [...where, 'image', 'inspect', image]);
    const [found] = z
      .array(z.object({ Id: z.string(), Size: z.number(), Config: z.object({ User: z.string() }) }))
      .parse(JSON.parse(stdout));
    expect(found?.Size).toBeLessThan(140e6);
    expect(found?.Config.User).toBe('65532:65532');
    expect(JSON.parse(provenance)).toMatchObject({
      subject: expect.arrayContaining([{ name: image, digest: { sha256: found?.Id } }]) as unknown,
    });
  });

  it('runs without a shell, a capability, or a place to write to', async () => {
    const { text } = await outcome(container(['-e', look]));
    const { uid, written, shells, status } = insideSchema.parse(JSON.parse(text));
    expect({ uid, written, shells }).toEqual({ uid: 65_532, written: [], shells: [] });
    expect(status).toMatch(/^CapEff:\t0+$/mu);
    expect(status).toMatch(/^NoNewPrivs:\t1$/mu);
  });

  it.each(['postgres', 'jira', 'slack'])('serves %s, up to what it cannot reach', async (server) => {
    const call = { postgres: 'get_database_health', jira: 'list_jira_projects', slack: 'list_slack_channels' }[server];
    const messages = [
      {
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
      },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: call, arguments: {} } },
    ];
    const child = container([`/app/servers/${server}.cjs`], {
      DATABASE_URL: 'postgres://reader:secret@127.0.0.1:5432/shop',
      JIRA_URL: 'https://example.atlassian.net',
      JIRA_EMAIL: 'bot@example.com',
      JIRA_TOKEN: 'the-token-of-jira',
      SLACK_BOT_TOKEN: 'xoxb-1234567890-secret',
      SWITCHBOARD_STATE_DIR: '/tmp/state',
    });
    let text = '';
    for (const each of messages) child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...each })}\n`);
    for await (const part of child.stdout) {
      text += String(part);
      if (/"id":2[,}]/u.test(text)) child.stdin.end();
    }
    expect(text).toMatch(/unreachable|ECONNREFUSED|EAI_AGAIN|ENOTFOUND|reach/iu);
  });

  it('refuses to serve the network until it is told how to tell callers apart', async () => {
    const words = ['/app/servers/jira.cjs', '--http', '0.0.0.0:8080'];
    const variables = { JIRA_URL: 'https://example.atlassian.net', JIRA_EMAIL: 'a@example.com', JIRA_TOKEN: 'token-x' };
    const { code, text } = await outcome(container(words, variables));
    expect({ code, text }).toEqual({ code: 78, text: expect.stringContaining('SWITCHBOARD_HTTP_ISSUER') as string });
  });
});
