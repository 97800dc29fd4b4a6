import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from 'pg';
import { parse } from 'yaml';
import * as z from 'zod';
import { finished, startCli } from '../../stack/command-line.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { send, startHttp } from '../http/harness.ts';

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  read_only: z.boolean().optional(),
  user: z.string().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()).optional() }),
});
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  secrets: z.record(z.string(), z.object({ file: z.string() }).strict()),
});

/** What a person puts into .env. */
const dotEnv: Record<string, string> = {
  SWITCHBOARD_URL: 'https://mcp.example.com',
  JIRA_URL: 'https://example.atlassian.net',
  JIRA_EMAIL: 'bot@example.com',
};
const token = 'a-token-that-is-long-enough-for-nobody-to-guess';
const run = promisify(execFile);
const text = await readFile('servers/deploy/compose.yaml', 'utf8');
const { services, secrets } = composeSchema.parse(parse(text, filledIn, { merge: true }));
const servers = ['postgres', 'jira', 'slack'] as const;

function filledIn(_: unknown, value: unknown): unknown {
  return typeof value === 'string' ? filled(value) : value;
}

/** `${NAME:-default}` and `${NAME:?what it is}`, as compose fills them in. */
function filled(source: string): string {
  return source.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/gu, (_, name: string, kind: string, rest: string) => {
    const value = dotEnv[name] ?? (kind === '-' ? rest : undefined);
    if (value === undefined) throw new Error(`${name} is not set: ${rest}`);
    return value;
  });
}

let folder: string;
let admin: Client;
const cluster = accessCluster(inject('postgres'));
const name = `compose_${process.pid}_${Date.now()}`;

/** The folder of secrets in the place where containers see it. */
const here = (value: string): string => value.replace('/run/secrets', join(folder, 'secrets'));
const environmentOf = (service: string): Record<string, string> =>
  Object.fromEntries(Object.entries(services[service]?.environment ?? {}).map(([key, value]) => [key, here(value)]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-compose-'));
  await mkdir(join(folder, 'secrets'));
  admin = new Client(await cluster.createDatabase(name));
  await admin.connect();
  // The role of the compose file, for all databases of this cluster.
  await admin.query(`do $$ begin create role switchboard_app; exception when duplicate_object then null; end $$`);
  await admin.query(`create role ${name}_app login password 'of-the-app' in role switchboard_app`);
  const values: Record<string, string> = {
    'state-owner-url': cluster.url(name),
    'state-url': cluster.url(name, { user: `${name}_app`, password: 'of-the-app' }),
    tokens: `anna ${createHash('sha256').update(token).digest('hex')} jira:read,jira:write\n`,
    'database-url': cluster.url(name),
    'jira-token': 'the-token-of-jira',
    'slack-bot-token': 'xoxb-1234567890-secret',
    'state-owner-password': 'x',
    'state-app-password': 'y',
  };
  for (const secret of Object.keys(secrets))
    await writeFile(join(folder, 'secrets', secret), values[secret] ?? fail(`no value for ${secret}`));
});
afterAll(async () => {
  await admin.end();
  await rm(folder, { recursive: true, force: true });
});

function fail(message: string): never {
  throw new Error(message);
}

describe('compose.yaml', () => {
  it('gives every container of ours no right that it does not need', () => {
    for (const service of ['migrate', ...servers])
      expect(services[service], service).toMatchObject({
        user: '65532:65532',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
  });

  it('opens ports to this host alone', () => {
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(ports).toHaveLength(servers.length * 2);
  });

  it('holds no secret, and gives each container only those it reads', () => {
    for (const [service, { environment, secrets: given }] of Object.entries(services)) {
      const named = Object.entries(environment).filter(([, value]) => value.startsWith('/run/secrets/'));
      for (const [variable] of named) expect(variable, service).toMatch(/_FILE$/u);
      // The image of PostgreSQL reads another in its first script.
      const read = new Set(named.map(([, value]) => value.slice('/run/secrets/'.length)));
      if (service === 'state') read.add('state-app-password');
      expect(new Set(given), service).toEqual(read);
      for (const variable of Object.keys(environment))
        if (/TOKEN|PASSWORD|SECRET|DATABASE_URL|STATE_URL/u.test(variable))
          expect(variable, service).toMatch(/_FILE$/u);
    }
  });

  it('migrates as the owner, and the servers start with exactly what it gives them and become ready', async () => {
    const { command } = services['migrate'] ?? fail('no migrate');
    const [program = '', ...words] = command;
    expect(program).toBe('/app/cli.cjs');
    const migrated = await finished(startCli(words, { environment: environmentOf('migrate') }));
    expect(migrated).toMatchObject({ code: 0 });
    const serve = async (server: (typeof servers)[number]): Promise<void> => {
      const service = services[server] ?? fail(server);
      expect(service.command).toEqual([`/app/servers/${server}.cjs`, '--http', '0.0.0.0:8080']);
      const started = await startHttp(server, environmentOf(server), '0.0.0.0:0');
      const [kind, , ...probe] = (service.healthcheck.test ?? []).map((word) =>
        word.replace('127.0.0.1:8080', `127.0.0.1:${started.port}`),
      );
      expect(kind).toBe('CMD');
      await run(process.execPath, probe);
      const asked = await send(started.port, { headers: { host: 'mcp.example.com' } });
      expect(asked.status).toBe(401);
      started.kill('SIGKILL');
      await started.ended;
      await expect(run(process.execPath, probe)).rejects.toThrow();
    };
    await Promise.all(servers.map(serve));
  });
});
