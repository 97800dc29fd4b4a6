import { describe, expect, it } from 'vitest';
import { systems } from '../../../servers/contract/systems.ts';
import { isGiven, ownServerSpecs } from '../../../src/mcp/server-specs.ts';
import { qualifiedName } from '../../../src/mcp/tool-specs.ts';
import { readTargets } from '../../../servers/postgres/config/database-settings.ts';
import * as fc from 'fast-check';

const host = {
  PATH: '/usr/bin',
  HOME: '/home/jane',
  NODE_OPTIONS: '--inspect',
  LD_PRELOAD: '/tmp/evil.so',
  ANTHROPIC_API_KEY: 'canary-anthropic',
  GITHUB_TOKEN: 'canary-github',
  SWITCHBOARD_STATE_DIR: '/state',
  DB_HOST: 'localhost',
  DB_PASSWORD: 'canary-db',
  DB_USER_FILE: '/run/db-user',
  DATABASE_URL: 'postgres://canary-url',
  JIRA_TOKEN: 'canary-jira',
  JIRA_PAT_FILE: '/run/pat',
  SLACK_BOT_TOKEN: 'canary-slack',
  HTTPS_PROXY: 'http://proxy:3128',
  AWS_SECRET_ACCESS_KEY: 'canary-aws',
  VAULT_TOKEN: 'canary-vault',
  PGP_SIGNING_KEY: 'canary-pgp',
  SSH_AUTH_SOCK: '/run/canary-ssh-agent',
  SHELL: '() { :; }; echo pwned',
};

describe('our servers', () => {
  const environments = Object.fromEntries(ownServerSpecs('/dist/servers', host).map(({ id, env }) => [id, env]));

  it('are started in a stable order from the bundles', () => {
    const specs = ownServerSpecs('/dist/servers', host);
    expect(specs.map(({ id, args, trusted }) => [id, args, trusted])).toEqual(
      systems.map((system) => [system.id, [`/dist/servers/${system.id}.cjs`], true]),
    );
    expect(systems.map(({ id }) => id).slice(0, 3)).toEqual(['postgres', 'jira', 'slack']);
  });

  it('each get their own variables and no other secret', () => {
    const canaries = (id: string) => Object.values(environments[id] ?? {}).filter((value) => value.includes('canary'));
    expect(canaries('postgres')).toEqual(['canary-db', 'postgres://canary-url']);
    expect(canaries('jira')).toEqual(['canary-jira']);
    expect(canaries('slack')).toEqual(['canary-slack']);
    expect(environments['postgres']).toMatchObject({ DB_HOST: 'localhost', DB_USER_FILE: '/run/db-user' });
    expect(environments['jira']).toMatchObject({ JIRA_PAT_FILE: '/run/pat', HTTPS_PROXY: 'http://proxy:3128' });
    for (const id of systems.map((system) => system.id)) {
      expect(environments[id]).toMatchObject({ PATH: '/usr/bin', SWITCHBOARD_STATE_DIR: '/state' });
      for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'GITHUB_TOKEN', 'SHELL']) {
        expect(environments[id]).not.toHaveProperty(name);
      }
    }
  });

  const env = (variables: Record<string, string>, id: string) =>
    ownServerSpecs('/dist', { ...host, ...variables }).find((spec) => spec.id === id)?.env;

  it("are connected by libpq's variables, which only the database server gets", async () => {
    const asked = new Set<string>();
    const variables: Record<string, string> = { PGHOST: 'db', PGDATABASE: 'shop', PGUSER: 'reader' };
    const watched = new Proxy(variables, { get: (all, name: string) => (asked.add(name), all[name]) });
    const [target] = await readTargets(watched);
    await target.password();
    await expect(readTargets({ ...variables, PGSERVICE: 'none', PGSYSCONFDIR: '/nowhere' })).rejects.toThrow('none');
    const names = [...asked, 'PGSERVICEFILE', 'PGSYSCONFDIR'].filter((name) => /^(?:PG|DB_|DATABASE)/.test(name));
    expect(names).toEqual(
      expect.arrayContaining(['PGHOST', 'PGPASSWORD', 'PGPASSWORD_FILE', 'PGPASSFILE', 'PGSERVICE']),
    );
    const given = Object.fromEntries(names.map((name) => [name, `canary of ${name}`]));
    expect(env(given, 'postgres')).toMatchObject(given);
    for (const id of ['jira', 'slack']) for (const name of names) expect(env(given, id)).not.toHaveProperty(name);
  });

  it('get the ssh agent only for a tunnel, and AWS credentials only for an IAM password', () => {
    const aws = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'canary-aws', AWS_SESSION_TOKEN_FILE: '/run/aws' };
    const agent = { SSH_AUTH_SOCK: '/run/canary-ssh-agent' };
    expect(env({ ...aws, DB_SSH: 'me@bastion' }, 'postgres')).toMatchObject(agent);
    expect(env({ ...aws, DB_SSH: 'me@bastion' }, 'jira')).not.toHaveProperty('SSH_AUTH_SOCK');
    const url = 'postgres://reader:rds-iam%3Aeu-west-1@db/shop';
    const ways: Record<string, string>[] = [
      { DB_PASSWORD: 'rds-iam:eu-west-1' },
      { PGPASSWORD: 'rds-iam:eu-west-1' },
      { DATABASE_URL: url },
      { DATABASES: `orders=${url}` },
      { DB_PASSWORD: 'env:RDS', RDS: 'rds-iam:eu-west-1' },
    ];
    for (const way of ways) {
      expect(env({ ...aws, AWS_PROFILE: 'p', ...way }, 'postgres')).toMatchObject(aws);
      expect(env({ ...aws, AWS_PROFILE: 'p', ...way }, 'postgres')).not.toHaveProperty('AWS_PROFILE');
      expect(env({ ...aws, ...way }, 'slack')).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
    }
    expect(env(aws, 'postgres')).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
    expect(env({}, 'postgres')).not.toHaveProperty('SSH_AUTH_SOCK');
  });

  it.each([
    ['postgres', { DB_HOST: 'db' }, true],
    ['postgres', { DATABASE_URL_FILE: '/run/url' }, true],
    ['postgres', { DATABASES: 'a=postgres://db/a' }, true],
    ['postgres', { PGHOST: 'db' }, true],
    ['postgres', { PGSERVICE: 'shop' }, true],
    ['postgres', { PGUSER: 'me', PGPASSWORD: 'x', PGSERVICEFILE: '/f', PGDATA: '/d' }, false],
    ['postgres', { DB_HOST: '' }, false],
    ['jira', { JIRA_TOKEN: 'x' }, true],
    ['jira', { SLACK_BOT_TOKEN: 'x' }, false],
    ['slack', { SLACK_BOT_TOKEN_FILE: '/run/slack' }, true],
  ] as const)('%s is configured by %j: %s', (id, variables, given) => {
    expect(isGiven(id, variables)).toBe(given);
  });

  it('get what their references need', () => {
    expect(env({ JIRA_TOKEN: 'env:GITHUB_TOKEN' }, 'jira')).toMatchObject({ GITHUB_TOKEN: 'canary-github' });
    expect(env({ JIRA_TOKEN: 'env:GITHUB_TOKEN' }, 'slack')).not.toHaveProperty('GITHUB_TOKEN');
    expect(env({ DB_PASSWORD: 'vault:secret/db#password' }, 'postgres')).toMatchObject({ VAULT_TOKEN: 'canary-vault' });
    expect(env({ SLACK_BOT_TOKEN: 'aws-sm:slack#token' }, 'slack')).toMatchObject({
      AWS_SECRET_ACCESS_KEY: 'canary-aws',
    });
  });
});

describe('the name of a tool', () => {
  it('is valid for the model, starts with its server, and is unique', () => {
    const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(
        fc.constantFrom('postgres', 'a-b', 'x_y'),
        fc.uniqueArray(anyName, { maxLength: 20 }),
        (server, tools) => {
          const names = tools.map((tool) => qualifiedName(server, tool));
          for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          for (const name of names) expect(name.slice(0, name.indexOf('__'))).toBe(server);
          expect(new Set(names).size).toBe(tools.length);
        },
      ),
    );
    expect(qualifiedName('postgres', 'query_database')).toBe('postgres__query_database');
  });
});
