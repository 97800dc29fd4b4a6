import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { startCli } from './command-line.ts';
import { startIdentityProvider, type IdentityProvider } from './identity-provider.ts';
import { startStack, type Stack, type StackOptions } from './stack.ts';

/** The three servers over HTTP, as a company would run them: people who sign in, groups, shared state. */
export interface Team {
  readonly stack: Stack;
  readonly identity: IdentityProvider;
  /** Addresses of the servers, in the command line's form. */
  readonly remotes: Readonly<Record<string, string>>;
  readonly stateUrl: string;
  readonly stop: () => Promise<void>;
}

export const people = {
  anna: { email: 'anna@example.com', groups: ['payments'] },
  ben: { email: 'ben@example.com', groups: ['support'] },
} as const;

const systems = ['postgres', 'jira', 'slack'] as const;
const policy = `groups:
  payments: { projects: [ENG, OPS], channels: ["#operations", "#payments-oncall"], databases: "*" }
  support: { projects: [OPS], databases: "*" }
`;

/** The database decides which rows a group sees: all orders, or those of customers in some countries. */
async function createRoles(stack: Stack): Promise<void> {
  const { url, reader } = stack.database;
  const login = escapeIdentifier(reader.user);
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`
    alter role ${login} noinherit;
    create role payments_reader; create role support_reader;
    grant payments_reader, support_reader to ${login};
    grant select on all tables in schema public to payments_reader, support_reader;
    alter table orders enable row level security;
    create policy payments on orders for select to payments_reader using (true);
    create policy support on orders for select to support_reader
      using (exists (select from customers c where c.id = customer_id and c.country in ('DE', 'FR', 'NL', 'AT', 'ES')));`);
  await client.end();
}

export async function startTeam(options: StackOptions): Promise<Team> {
  const ends: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  try {
    const stack = await startStack(options);
    ends.push(() => stack.stop());
    await createRoles(stack);
    const scopes = systems.flatMap((system) => [`${system}:read`, `${system}:write`]);
    const [identity, stateUrl, folder] = await Promise.all([
      startIdentityProvider(people, scopes),
      stack.cluster.createDatabase(`state_${process.pid}`),
      mkdtemp(join(tmpdir(), 'switchboard-team-')),
    ]);
    ends.push(
      () => rm(folder, { recursive: true, force: true }),
      () => identity.stop(),
    );
    await writeFile(join(folder, 'policy.yaml'), policy);
    const environment = {
      ...ofServers(stack),
      SWITCHBOARD_STATE_DIR: folder,
      SWITCHBOARD_STATE_URL: stateUrl,
      SWITCHBOARD_HTTP_ISSUER: identity.url,
      SWITCHBOARD_HTTP_POLICY_FILE: join(folder, 'policy.yaml'),
      DB_ROLE_FROM: 'claim:groups',
      DB_ROLES: 'payments=payments_reader, support=support_reader',
    };
    const started = await Promise.all(
      systems.map(async (system) => {
        const { address, end } = await serve(system, environment);
        ends.push(end);
        identity.addResource(address, `${system}:read ${system}:write`);
        return [`SWITCHBOARD_REMOTE_${system.toUpperCase()}`, address] as const;
      }),
    );
    return { stack, identity, remotes: Object.fromEntries(started), stateUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Only the servers have the secrets of the systems; they have none of the model's. */
function ofServers({ environment }: Stack): Record<string, string> {
  const own = Object.entries(environment).filter(([name]) => /^(?:DB|JIRA|SLACK)_/u.test(name));
  const { JIRA_ALLOWED_PROJECTS: _, SLACK_ALLOWED_CHANNELS: __, ...rest } = Object.fromEntries(own);
  return rest;
}

/** `switchboard serve`, once it listens. */
async function serve(
  system: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ address: string; end: () => Promise<void> }> {
  const child = startCli(['serve', system, '--http', '127.0.0.1:0'], {
    environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      const found = /listening on (\S+)\n/u.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(`the server for ${system} ended: ${said}`)));
  });
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { address, end };
}
