import { factsOfTool } from '../../../servers/contract/tool-facts.ts';
import { errorsIn, type NamedError } from './errors-in.ts';
import type { Evidence } from '../evidence/types.ts';
import { clearCall } from '../run/clear-call.ts';
import { originTool } from './place-permalink.ts';
import type { RunPorts, RunState } from '../run/ports.ts';

/** Of one session, so that rows can never start a search for each of them. */
const maxTraces = 6;
const maxOfResult = 2;

/**
 * Looks up the errors that the rows of queries name in the open code, by itself and without the model: the line that
 * raises each, and the commit that changed it last. Each look-up is a call like any other. Call it when all calls of a
 * turn have their results, because the model counts on the order of the ids.
 * @returns for the evidence with such rows, what the model is told
 */
export async function traceErrors(
  results: readonly Evidence[],
  state: RunState,
  ports: RunPorts,
): Promise<ReadonlyMap<string, string>> {
  const spec = [...state.specs.values()].find(({ trusted, plainName }) => trusted && plainName === originTool);
  const told = new Map<string, string>();
  if (spec === undefined) return told;
  for (const evidence of results) {
    if (!isMeasured(evidence)) continue;
    const texts: string[] = [];
    for (const [index, named] of newErrors(evidence, ports).entries()) {
      if (ports.signal.aborted || ports.budget.toolCallsLeft() <= 1) break;
      const call = { id: `origin-${evidence.id}-${index + 1}`, name: spec.name, arguments: argumentsOf(named) };
      const cleared = await clearCall(call, state, ports);
      const result = cleared.kind === 'ready' ? await cleared.run() : cleared.result;
      if (!result.isError) texts.push(result.text);
    }
    if (texts.length > 0) told.set(evidence.id, [said(evidence.id), ...texts].join('\n'));
  }
  return told;
}

function said(id: string): string {
  return `Switchboard has already looked in the open code for the lines that raise the errors in ${id}:`;
}

function argumentsOf({ error, firstSeen }: NamedError) {
  return { error, ...(firstSeen !== undefined && { first_seen: firstSeen }) };
}

function isMeasured({ tool, server }: Evidence): boolean {
  const facts = factsOfTool(tool);
  return facts?.server === server && facts.returns === 'measured' && facts.sql.length > 0;
}

/** Those that were not looked up in this session yet. */
function newErrors(evidence: Evidence, ports: RunPorts): readonly NamedError[] {
  const traced = ports.evidence.list().filter(({ tool }) => tool === originTool);
  const known = new Set(traced.map((each) => each.arguments['error']));
  const left = Math.max(0, maxTraces - traced.length);
  return errorsIn(evidence)
    .filter(({ error }) => !known.has(error))
    .slice(0, Math.min(maxOfResult, left));
}
