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
 * A third party's tools as they are offered: by their pinned definitions, with what has changed. What cannot be pinned is
 * left out. Our own come with us and are as they are.
 * @throws what the pins throw: without them nothing of a third party is offered.
 */
export async function pinTools(
  server: ServerSpec,
  tools: readonly ListedTool[],
  pins: ToolPins,
): Promise<readonly ListedTool[]> {
  // None: it is not up, and what it offers is not known.
  if (server.trusted || tools.length === 0) return tools;
  const definitions = new Map(tools.map(({ upstreamName, spec }) => [upstreamName, definitionOf(spec)]));
  const pinned = await pins.look(pinnedServer(server), definitions);
  return tools.flatMap((tool) => {
    const pin = pinned.get(tool.upstreamName);
    return pin === undefined ? [] : [{ ...tool, spec: pinnedSpec(tool.spec, pin) }];
  });
}

/** Pins what a person has seen, unless its server says something else again by now. */
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

/** What makes it the same server as before: the program that is started, or the address. */
function pinnedServer(spec: ServerSpec): PinnedServer {
  if (spec.kind === 'remote') return { id: spec.id, command: spec.url, args: [] };
  return { id: spec.id, command: spec.command, args: spec.args };
}
