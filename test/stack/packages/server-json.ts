import * as z from 'zod';
import type { SystemId } from '../../../servers/contract/systems.ts';
import { version } from '../../../servers/contract/version.ts';
import { ourServers } from '../../servers/our-servers.ts';

/** "@switchboard/server-jira" */
export function packageName(id: SystemId): string {
  return `@switchboard/server-${id}`;
}

/** The server's name in the MCP registry, which its package must repeat as `mcpName`. */
export function registryName(id: SystemId): string {
  return `io.github.switchboard-dev/server-${id}`;
}

/** The form in which the MCP registry takes a server, of 11 December 2025. */
export function serverJson(id: SystemId, title: string) {
  const { description, variables, further = {}, secrets } = ourServers[id];
  const npm = {
    registryType: 'npm',
    registryBaseUrl: 'https://registry.npmjs.org',
    identifier: packageName(id),
    version,
    runtimeHint: 'npx',
  };
  const isSecret = (name: string): boolean => secrets.includes(name) || secretName.test(name);
  const environmentVariables = [
    ...Object.entries(further).map(([name, meaning]) => ({
      name,
      description: meaning,
      isRequired: false,
      isSecret: isSecret(name),
    })),
    ...Object.entries<z.core.$ZodType>(variables.shape).map(([name, schema]) => ({
      name,
      ...termsOf(schema),
      isSecret: isSecret(name),
    })),
  ];
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: registryName(id),
    title: `Switchboard ${title}`,
    description,
    repository: {
      url: 'https://github.com/switchboard-dev/switchboard',
      source: 'github',
      subfolder: `servers/${id}`,
    },
    version,
    packages: [
      { ...npm, transport: { type: 'stdio' }, environmentVariables },
      {
        ...npm,
        transport: { type: 'streamable-http', url: 'http://127.0.0.1:8080/mcp' },
        packageArguments: [{ type: 'named', name: '--http', value: '127.0.0.1:8080' }],
        environmentVariables,
      },
    ],
  };
}

const secretName = /(?:TOKEN|PAT|PASSWORD|SECRET|DATABASE_URL|DATABASES)$/;

function termsOf(schema: z.core.$ZodType) {
  const absent = z.safeParse(schema, undefined);
  const fallback = absent.data === undefined ? undefined : JSON.stringify(absent.data);
  return {
    description: (z.globalRegistry.get(schema)?.description ?? '').replaceAll('`', ''),
    isRequired: !absent.success,
    ...(fallback !== undefined && { default: typeof absent.data === 'string' ? absent.data : fallback }),
  };
}
