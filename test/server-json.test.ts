import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { systems } from '../servers/contract/systems.ts';
import { version } from '../servers/contract/version.ts';
import { ourServers } from './servers/our-servers.ts';

/** The rules of the registry's form of 2025-12-11, as far as we use it; an unknown key is a mistake. */
const specificVersion = z
  .string()
  .max(255)
  .regex(/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/, 'no range, and not "latest"');
const input = {
  description: z.string().min(1),
  isRequired: z.boolean(),
  isSecret: z.boolean(),
  default: z.string().optional(),
};
const transport = z.union([
  z.strictObject({ type: z.literal('stdio') }),
  z.strictObject({ type: z.literal('streamable-http'), url: z.string().regex(/^https?:\/\/[^\s]+$/) }),
]);
const registryForm = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  repository: z.strictObject({
    url: z.url({ protocol: /^https$/ }),
    source: z.literal('github'),
    subfolder: z.string().regex(/^[\w-]+(?:\/[\w-]+)*$/, 'a clean relative path'),
  }),
  version: specificVersion,
  packages: z
    .array(
      z.strictObject({
        registryType: z.literal('npm'),
        registryBaseUrl: z.literal('https://registry.npmjs.org'),
        identifier: z.string().regex(/^@[a-z0-9-]+\/[a-z0-9-]+$/),
        version: specificVersion,
        runtimeHint: z.literal('npx'),
        transport,
        packageArguments: z
          .array(z.strictObject({ type: z.literal('named'), name: z.string().regex(/^--/), value: z.string() }))
          .optional(),
        environmentVariables: z.array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/), ...input })),
      }),
    )
    .min(1),
});

describe.each(systems)('the entry of the $id server for the MCP registry', ({ id, title }) => {
  const read = async () => registryForm.parse(JSON.parse(await readFile(`servers/${id}/server.json`, 'utf8')));

  it('has the form of the registry', async () => {
    const entry = await read();
    expect(entry).toMatchObject({ title: `Switchboard ${title}`, version });
    expect(entry.packages.map(({ transport: { type } }) => type)).toEqual(['stdio', 'streamable-http']);
    expect(entry.packages.map((each) => each.version)).toEqual([version, version]);
  });

  it('names every variable of the server, and which are secrets', async () => {
    const { packages } = await read();
    for (const { environmentVariables } of packages) {
      const { variables, further = {} } = ourServers[id];
      const names = [...Object.keys(further), ...Object.keys(variables.shape)];
      expect(environmentVariables.map(({ name }) => name)).toEqual(names);
      const secrets = environmentVariables.filter(({ isSecret }) => isSecret).map(({ name }) => name);
      expect(secrets).toEqual(expect.arrayContaining([...ourServers[id].secrets]));
      // A secret has no default, and no other variable looks like one.
      for (const each of environmentVariables) if (each.isSecret) expect(each.default).toBeUndefined();
    }
  });
});
