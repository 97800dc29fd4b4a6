// What the conformance suite starts for each of its client scenarios: the hub as both entries use it, with a person who
// signs in wherever a server asks for it. The address of the suite's server is the last argument.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createAuthFor } from '../../src/mcp/auth/auth-for.ts';
import { createFileCredentials } from '../../src/mcp/auth/credential-store.ts';
import { signIn } from '../../src/mcp/auth/sign-in.ts';
import { Hub } from '../../src/mcp/hub.ts';
import type { OAuthClient, RemoteSpec } from '../../src/mcp/server-specs.ts';

/** What a scenario tells the client beforehand: the credentials of a client that is registered already. */
const contextSchema = z.looseObject({ client_id: z.string(), client_secret: z.string() }).partial().catch({});

const context = contextSchema.parse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'));
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const url = process.argv.at(-1) ?? '';
const folder = await mkdtemp(join(tmpdir(), 'switchboard-conformance-'));
const store = createFileCredentials(folder);
const signal = AbortSignal.timeout(25_000);

function registeredClient(): OAuthClient | undefined {
  const { client_id: clientId, client_secret: clientSecret } = context;
  if (clientId === undefined) return undefined;
  const isMachine = scenario.startsWith('auth/client-credentials');
  return {
    clientId,
    clientSecret,
    grant: isMachine ? 'client_credentials' : 'authorization_code',
    ...(isMachine && { issuer: new URL(url).origin }),
  };
}

const spec: RemoteSpec = {
  kind: 'remote',
  id: 'suite',
  title: 'Conformance suite',
  transport: 'http',
  url,
  headers: {},
  trusted: false,
  oauth: registeredClient(),
};
const hub = new Hub({
  version: '0.0.0',
  servers: [spec],
  authFor: createAuthFor(store),
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

try {
  let tools = await hub.list(signal);
  if (isSignedOut()) {
    await signInAsPerson();
    tools = await hub.list(signal);
  }
  for (const { name, inputSchema } of tools) {
    const names = Object.keys(z.looseObject({}).catch({}).parse(inputSchema['properties']));
    const input = Object.fromEntries(names.map((argument, index) => [argument, index + 2]));
    const outcome = await hub.call(name, input, { signal, run });
    process.stderr.write(`${name}: ${JSON.stringify(outcome).slice(0, 300)}\n`);
  }
  process.stderr.write(`state: ${JSON.stringify(hub.states()[0]?.state)}\n`);
} finally {
  await hub.dispose();
  await rm(folder, { recursive: true, force: true });
}
