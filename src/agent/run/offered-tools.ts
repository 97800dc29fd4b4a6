import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import type { ModelTool } from '../model/model.ts';
import type { ToolSpec } from '../tools.ts';
import type { RunPorts, RunState } from './ports.ts';

/** The tools that the model is offered during one run. */
export interface OfferedTools {
  /** For the next turn: the same as before, and at the end whatever servers have added since. Nothing is reordered or
   * removed, so that the model's prompt cache stays valid. */
  readonly next: () => Promise<readonly ModelTool[]>;
}

export function createOfferedTools(specs: readonly ToolSpec[], state: RunState, ports: RunPorts): OfferedTools {
  noteThirdParties(specs, ports);
  const hostSpecs = [...state.hostTools.values()].map(({ spec }) => spec);
  let tools = [...specs.filter(isOffered), ...hostSpecs].map(toModelTool);
  return {
    next: async () => {
      const listed = (await ports.tools.listNow?.(ports.signal)) ?? [];
      const added = listed.filter(({ name }) => !state.specs.has(name) && !state.hostTools.has(name));
      if (added.length === 0) return tools;
      for (const spec of added) state.specs.set(spec.name, spec);
      noteThirdParties(added, ports);
      tools = [...tools, ...added.filter(isOffered).map(toModelTool)];
      return tools;
    },
  };
}

/** What only undoes is for a person to ask for. */
function isOffered({ trusted, plainName }: ToolSpec): boolean {
  return !trusted || factsOfTool(plainName)?.isUndo !== true;
}

function noteThirdParties(specs: readonly ToolSpec[], ports: RunPorts): void {
  for (const { trusted, server } of specs) if (!trusted) ports.policy.noteText(`the tools of ${server}`);
}

function toModelTool(spec: ToolSpec): ModelTool {
  return { name: spec.name, description: spec.description, inputSchema: spec.inputSchema };
}
