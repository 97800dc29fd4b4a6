import type { SystemId } from '../../../servers/contract/systems.ts';
import { join } from 'node:path';
import { ownEnvironment, ownServers, ownServerSpecs } from '../../mcp/server-specs.ts';
import { toVariables } from '../../settings.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { systems } from './connection-definitions.ts';

/** The connected servers, for other MCP clients in this window. */
export function offerServers(holder: EngineHolder, dist: string, stateFolder: string) {
  return {
    /** Does not include secrets. */
    list: async () => {
      const { settings, secrets } = await holder.get();
      const connected = systems.filter((system) => system.isConnected(settings, secrets)).map(({ id }) => id);
      return ownServerSpecs(join(dist, 'servers'), {}).filter(({ id }) => connected.some((system) => system === id));
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
