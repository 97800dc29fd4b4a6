import {
  definitionOf,
  digestOfDefinition,
  pinnedSpec,
  type PinnedServer,
  type ToolPins,
} from '../agent/policy/tool-pins.ts';
import type { ToolSpec } from '../agent/tools.ts';
import type { ServerSpec } from './server-specs.ts';
import type { ListedTool } from './tool-specs.ts';

/**
 * Third-party tools as offered: with their pinned definitions and what has changed since. Tools that cannot be pinned
 * are omitted. Our own tools ship with us and are not pinned.
 * @throws what the pin store throws. Without pins no third-party tool is offered.
 */
export async function pinTools(
  server: ServerSpec,
  tools: readonly ListedTool[],
  pins: ToolPins,
): Promise<readonly ListedTool[]> {
  // No tools: the server is down, and what it offers is unknown.
  if (server.trusted || tools.length === 0) return tools;
  const definitions = new Map(tools.map(({ upstreamName, spec }) => [upstreamName, definitionOf(spec)]));
  const pinned = await pins.look(pinnedServer(server), definitions);
  return tools.flatMap((tool) => {
    const pin = pinned.get(tool.upstreamName);
    return pin === undefined ? [] : [{ ...tool, spec: pinnedSpec(tool.spec, pin) }];
  });
}

/** Pins the definition that the user reviewed, unless the server has changed it again. */
export async function acceptTool(
  server: ServerSpec,
  { spec, upstreamName }: ListedTool,
  seen: ToolSpec,
  pins: ToolPins,
): Promise<void> {
  const definition = definitionOf(spec);
  if (digestOfDefinition(definition) === seen.change?.sha256)
    await pins.accept(pinnedServer(server), upstreamName, definition);
}

/** What identifies a server across runs: the program that is started, or the address. */
function pinnedServer(spec: ServerSpec): PinnedServer {
  if (spec.kind === 'remote') return { id: spec.id, command: spec.url, args: [] };
  return { id: spec.id, command: spec.command, args: spec.args };
}
