import type { SystemId } from '../../../servers/contract/systems.ts';
import { join } from 'node:path';
import { ownEnvironment, ownServers, ownServerSpecs, type RemoteSpec } from '../../mcp/server-specs.ts';
import { toVariables } from '../../settings.ts';
import type { Switchboard } from '../../switchboard.ts';
import { mcpPolicy } from '../engine/configuration.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { systems } from './connection-definitions.ts';

function ownRemote({ remotes }: Switchboard, id: string): RemoteSpec | undefined {
  return remotes.find((spec) => spec.trusted && spec.id === id);
}

/** The connected servers, for other MCP clients in this window. */
export function offerServers(holder: EngineHolder, dist: string, stateFolder: string) {
  return {
    /** Does not include secrets. */
    list: async () => {
      if (!mcpPolicy().allowed) return [];
      const { settings, secrets, engine } = await holder.get();
      const connected = systems.filter((system) => system.isConnected(settings, secrets)).map(({ id }) => id);
      return ownServerSpecs(join(dist, 'servers'), {})
        .filter(({ id }) => connected.some((system) => system === id))
        .map((child) => ownRemote(engine, child.id) ?? child)
        .filter((spec) => spec.kind === 'child' || spec.flaw === undefined);
    },
    /** Includes the token of this server only. */
    headers: async (id: string): Promise<Readonly<Record<string, string>>> => {
      const { engine } = await holder.get();
      return ownRemote(engine, id)?.headers ?? {};
    },
    /** Includes the secrets of this server only. */
    environment: async (id: string): Promise<Readonly<Record<string, string>>> => {
      const server = ownServers.find((candidate): candidate is SystemId => candidate === id);
      if (server === undefined) return {};
      const { settings, secrets, proxy } = await holder.get();
      const variables = { ...proxy, ...toVariables(settings, secrets), SWITCHBOARD_STATE_DIR: stateFolder };
      const electron = process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
      return { ...ownEnvironment(server, variables), ...electron };
    },
  };
}
