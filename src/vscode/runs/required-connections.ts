import { l10n } from 'vscode';
import { toolFacts } from '../../../servers/contract/tool-facts.ts';
import type { Runbook } from '../../agent/runbook/runbook.ts';
import { systems, type System } from '../connections/connection-definitions.ts';
import type { LiveEngine } from '../engine/engine.ts';
import { Problem } from '../problem.ts';
import { textLanguage } from '../plural.ts';

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
  const names = new Intl.ListFormat(textLanguage()).format(missing);
  const said =
    missing.length === 1
      ? l10n.t("'{0}' needs {1}. Connect it first.", title, names)
      : l10n.t("'{0}' needs {1}. Connect them first.", title, names);
  throw new Problem(said, {
    label: l10n.t('Set Up Connections'),
    command: 'switchboard.setUpConnections',
  });
}
