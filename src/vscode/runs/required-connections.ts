import { toolFacts } from '../../../servers/contract/tool-facts.ts';
import type { Runbook } from '../../agent/runbook/runbook.ts';
import { systems, type System } from '../connections/connection-definitions.ts';
import type { LiveEngine } from '../engine/engine.ts';
import { Problem } from '../problem.ts';

/** @throws Problem that names what the runbook needs and is not connected, before anybody is asked for its parameters. */
export function requireConnections({ measures, conditions, previews, title }: Runbook, live: LiveEngine): void {
  const tools = [
    ...Object.values(measures).map(({ tool }) => tool),
    ...conditions.flatMap(({ requires }) => requires),
    ...previews.map(({ tool }) => tool),
  ];
  const servers = new Set<string>(
    Object.entries(toolFacts).flatMap(([name, facts]) => (tools.includes(name) ? [facts.server] : [])),
  );
  const isMissing = ({ id, isConnected }: System): boolean =>
    id === 'claude' ? !live.hasModel : servers.has(id) && !isConnected(live.settings, live.secrets);
  const missing = systems.filter(isMissing).map((system) => system.title);
  if (missing.length === 0) return;
  const names = new Intl.ListFormat('en').format(missing);
  throw new Problem(`'${title}' needs ${names}. Connect ${missing.length === 1 ? 'it' : 'them'} first.`, {
    label: 'Set Up Connections',
    command: 'switchboard.setUpConnections',
  });
}
