// What the conformance suite starts for each of its client scenarios: the hub as both entries use it, with a person who
// signs in wherever a server asks for it and answers forms with what they suggest. The address of the suite's server is the last argument.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readForm } from '../../src/agent/server-form.ts';
import type { ForServer } from '../../src/agent/server-question.ts';
import type { Arguments, ToolSpec } from '../../src/agent/tools.ts';
import { createAuthFor } from '../../src/mcp/auth/auth-for.ts';
import { createFileCredentials } from '../../src/mcp/auth/credential-store.ts';
import { signIn } from '../../src/mcp/auth/sign-in.ts';
import { Hub } from '../../src/mcp/hub.ts';
import type { OAuthClient, RemoteSpec } from '../../src/mcp/server-specs.ts';

/** What a scenario tells the client beforehand: the credentials of a client that is registered already, and what to call. */
const contextSchema = z
  .looseObject({
    client_id: z.string(),
    client_secret: z.string(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })),
  })
  .partial()
  .catch({});

const context = contextSchema.parse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'));
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const url = process.argv.at(-1) ?? '';
const folder = await mkdtemp(join(tmpdir(), 'switchboard-conformance-'));
const store = createFileCredentials(folder);
const signal = AbortSignal.timeout(230_000);

/** What a person puts where a company publishes a metadata document of the client. */
const clientDocument = 'https://conformance-test.local/client-metadata.json';

async function registeredClient(): Promise<OAuthClient | undefined> {
  if (scenario === 'auth/basic-cimd') return { clientId: clientDocument, grant: 'authorization_code' };
  const { client_id: clientId, client_secret: clientSecret } = context;
  if (clientId === undefined) return undefined;
  if (!scenario.startsWith('auth/client-credentials')) {
    return { clientId, clientSecret, grant: 'authorization_code' };
  }
  // As a person who writes the file would look it up.
  const { origin, pathname } = new URL(url);
  const resource: unknown = await (await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`)).json();
  const [issuer] = z.object({ authorization_servers: z.array(z.string()) }).parse(resource).authorization_servers;
  return { clientId, clientSecret, grant: 'client_credentials', issuer };
}

const spec: RemoteSpec = {
  kind: 'remote',
  id: 'suite',
  title: 'Conformance suite',
  transport: 'http',
  url,
  headers: {},
  trusted: false,
  oauth: await registeredClient(),
};
const hub = new Hub({
  version: '0.0.0',
  servers: [spec],
  authFor: createAuthFor(store),
  // All scenarios run at the same time.
  timings: { startMs: 200_000 },
  onLine: (_server, line) => process.stderr.write(`${line}\n`),
});
const run = { session: 'conformance', run: 'conformance', actor: 'conformance' };
const isSignedOut = (): boolean => {
  const state = hub.states()[0]?.state;
  return state?.status === 'failed' && state.code === 'unauthorized';
};

async function signInAsPerson(): Promise<void> {
  const openBrowser = async (address: URL): Promise<void> => void (await fetch(address));
  const signedIn = await signIn(spec, { store, version: '0.0.0', openBrowser, signal });
  process.stderr.write(`sign-in: ${JSON.stringify(signedIn)}\n`);
  await hub.restart(spec.id);
}

const forServer: ForServer = {
  ask: async (question) => {
    if (question.kind === 'url') return { action: 'decline' };
    const suggested = Object.fromEntries(question.fields.map(({ name, initial }) => [name, initial]));
    const read = readForm(question.fields, suggested);
    return 'content' in read ? { action: 'accept', content: read.content } : { action: 'decline' };
  },
  sample: undefined,
};

/** As the scenario wants, or a value of the right kind for every argument. */
function argumentsFor({ plainName, inputSchema }: ToolSpec): Arguments {
  const wanted = context.toolCalls?.find(({ name }) => name === plainName);
  if (wanted !== undefined) return wanted.arguments;
  const properties = z.record(z.string(), z.looseObject({ type: z.string().optional() })).catch({});
  const values: Record<string, unknown> = { string: 'x', boolean: true, object: {}, array: [] };
  const entries = Object.entries(properties.parse(inputSchema['properties']));
  return Object.fromEntries(entries.map(([name, { type = '' }], index) => [name, values[type] ?? index + 2]));
}

try {
  let tools = await hub.list(signal);
  if (isSignedOut()) {
    await signInAsPerson();
    tools = await hub.list(signal);
  }
  for (const tool of tools) {
    const call = () => hub.call(tool.name, argumentsFor(tool), { signal, run, forServer });
    let outcome = await call();
    if (outcome.kind === 'failure' && outcome.failure.code === 'unauthorized') {
      await signInAsPerson();
      outcome = await call();
    }
    process.stderr.write(`${tool.name}: ${JSON.stringify(outcome).slice(0, 300)}\n`);
  }
  process.stderr.write(`state: ${JSON.stringify(hub.states()[0]?.state)}\n`);
} finally {
  await hub.dispose();
  await rm(folder, { recursive: true, force: true });
}
