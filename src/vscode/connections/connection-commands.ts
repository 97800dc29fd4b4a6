import { window, l10n } from 'vscode';
import * as z from 'zod';
import type { EngineHolder } from '../engine/engine.ts';
import { createFurtherServerCommands, type FurtherSecrets } from './further-servers.ts';
import type { Probes } from './probes.ts';
import type { SecretBox } from '../engine/secrets.ts';
import type { ServerLogs } from './server-logs.ts';
import { createConnector } from './set-up-connections.ts';

export interface ConnectionCommandParts {
  readonly holder: EngineHolder;
  readonly secrets: SecretBox;
  readonly logs: ServerLogs;
  readonly probes: Probes;
  readonly further: FurtherSecrets;
}

/** The argument that the Connections view passes to commands on its items. */
const serverNode = z.object({ kind: z.literal('server'), id: z.string() });

export function createConnectionCommands({ holder, secrets, logs, probes, further }: ConnectionCommandParts) {
  const connector = createConnector(holder, secrets, probes, logs.show);

  const chooseServer = async (argument: unknown, title: string): Promise<string | undefined> => {
    const node = serverNode.safeParse(argument);
    if (node.success) return node.data.id;
    const { engine } = await holder.get();
    const items = engine.hub
      .states()
      .map((view) => ({ label: view.title, description: view.state.status, id: view.id }));
    return (await window.showQuickPick(items, { title }))?.id;
  };

  return {
    ...createFurtherServerCommands({ holder, further }),
    setUpConnections: (argument: unknown) => connector.setUp(typeof argument === 'string' ? argument : undefined),
    testConnections: () => connector.testAll(),
    restartServer: async (argument: unknown) => {
      const id = await chooseServer(argument, l10n.t('Restart Server'));
      if (id !== undefined) await (await holder.get()).engine.hub.restart(id);
    },
    showServerLog: async (argument: unknown) => {
      const id = await chooseServer(argument, l10n.t('Show Server Log'));
      if (id !== undefined) logs.show(id);
    },
  };
}
