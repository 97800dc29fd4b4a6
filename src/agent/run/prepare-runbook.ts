import type { ConditionState } from '../events.ts';
import type { Evidence } from '../evidence/types.ts';
import type { GatingCondition } from '../policy/policy.ts';
import { compareWithLast } from '../runbook/measure-history.ts';
import { clearCall } from './clear-call.ts';
import type { Ending } from './run-outcome.ts';
import type { RunPorts, RunState } from './ports.ts';
import { traceErrors } from '../origin/trace-errors.ts';
import { evaluateCondition, fillInstructions, type BoundRunbook, type MeasureResults } from '../runbook/runbook.ts';
import type { Attachment } from './system-prompt.ts';
import type { ToolSpec } from '../tools.ts';
import { createDelimiter, showInvisible, wrapUntrusted } from '../untrusted-text.ts';

export type PreparedRunbook =
  | { readonly kind: 'ready'; readonly attachments: readonly Attachment[] }
  | { readonly kind: 'ended'; readonly ending: Ending };

/**
 * The part of a runbook that code does before the model is asked: it takes measures as evidence, evaluates conditions
 * that bind the policy, and refuses to start a runbook that could only be half done.
 */
export async function prepareRunbook(bound: BoundRunbook, state: RunState, ports: RunPorts): Promise<PreparedRunbook> {
  const missing = missingTool(bound, state);
  if (missing !== undefined) {
    const { code, message } = ports.explainMissing(missing);
    return failed(`${bound.runbook.name} needs ${missing}, which is not available: ${message}`, code);
  }
  const measured = await takeMeasures(bound, state, ports);
  if (measured.kind === 'ended') return measured;
  const conditions: GatingCondition[] = [];
  for (const condition of bound.conditions) {
    const evaluated = evaluateCondition(condition, bound.parameters, measured.results);
    state.emit({ type: 'condition-evaluated', condition: evaluated.state });
    if (evaluated.kind === 'failed') return failed(evaluated.message);
    conditions.push({ ...evaluated.state, requires: condition.requires });
  }
  ports.policy.setConditions(conditions);
  const stop = bound.conditions.find(
    ({ otherwise }, index) => otherwise !== undefined && conditions[index]?.holds === false,
  );
  if (stop?.otherwise !== undefined) {
    const text = fillInstructions(stop.otherwise, bound.parameters, measured.results);
    state.emit({ type: 'text-delta', text });
    return { kind: 'ended', ending: { reason: 'completed', message: text } };
  }
  const refused = await previewWrites(bound, state, ports);
  return refused ?? { kind: 'ready', attachments: attachmentsOf(bound, conditions, measured) };
}

/** Previews each write the job will need. The first refusal ends the run. */
async function previewWrites(
  bound: BoundRunbook,
  state: RunState,
  ports: RunPorts,
): Promise<Extract<PreparedRunbook, { kind: 'ended' }> | undefined> {
  const outcomes = await Promise.all(
    bound.previews.map(async ({ tool, arguments: input }) => ({
      tool,
      outcome: await ports.tools.call(specOf(tool, state)?.name ?? tool, input, {
        signal: ports.signal,
        preview: true,
        run: { session: state.session, run: state.run, actor: state.actor },
      }),
    })),
  );
  if (ports.signal.aborted) return { kind: 'ended', ending: { reason: 'cancelled', message: 'Cancelled.' } };
  for (const { tool, outcome } of outcomes) {
    if (outcome.kind === 'failure')
      return failed(
        `${bound.runbook.name} needs ${tool}, which would be rejected. ${outcome.text}`,
        outcome.failure.code,
      );
  }
  return undefined;
}

/** Conditions as evaluated before the interruption. Those not evaluated by then are false. */
export function restoreConditions(bound: BoundRunbook, decided: readonly ConditionState[]): readonly GatingCondition[] {
  return bound.conditions.map(({ name, expression, requires }) => {
    const before = decided.find((state) => state.name === name && state.expression === expression.source);
    const open = {
      name,
      expression: expression.source,
      explained: 'not evaluated before the interruption',
      holds: false,
    };
    return { ...(before ?? open), requires };
  });
}

function missingTool(bound: BoundRunbook, state: RunState): string | undefined {
  const needed = [
    ...bound.measures.map(({ tool }) => tool),
    ...bound.conditions.flatMap(({ requires }) => requires),
    ...bound.previews.map(({ tool }) => tool),
  ];
  return needed.find((tool) => specOf(tool, state) === undefined);
}

function specOf(plainName: string, state: RunState): ToolSpec | undefined {
  return [...state.specs.values()].find((spec) => spec.trusted && spec.plainName === plainName);
}

type Measured =
  | { readonly kind: 'measured'; readonly results: MeasureResults; readonly texts: readonly string[] }
  | { readonly kind: 'ended'; readonly ending: Ending };

async function takeMeasures(bound: BoundRunbook, state: RunState, ports: RunPorts): Promise<Measured> {
  const results = new Map<string, Evidence>();
  const texts: string[] = [];
  for (const measure of bound.measures) {
    const call = {
      id: `measure-${measure.name}`,
      name: specOf(measure.tool, state)?.name ?? measure.tool,
      arguments: measure.arguments,
    };
    const cleared = await clearCall(call, state, ports);
    const result = cleared.kind === 'ready' ? await cleared.run() : cleared.result;
    if (result.evidence === undefined) {
      if (ports.signal.aborted) return { kind: 'ended', ending: { reason: 'cancelled', message: 'Cancelled.' } };
      return failed(`The measure '${measure.name}' could not be taken. ${result.text}`, result.code);
    }
    results.set(measure.name, result.evidence);
    texts.push(`${measure.name}:\n${result.text}`);
    const changes = ports.measures && (await compareWithLast(measure, result.evidence, ports.measures));
    if (changes === undefined) continue;
    state.emit({ type: 'text-delta', text: `${showInvisible(changes)}\n\n` });
    texts.push(wrapUntrusted(changes, createDelimiter()));
  }
  texts.push(...(await traceErrors([...results.values()], state, ports)).values());
  return { kind: 'measured', results, texts };
}

function attachmentsOf(
  bound: BoundRunbook,
  conditions: readonly GatingCondition[],
  measured: Extract<Measured, { kind: 'measured' }>,
): Attachment[] {
  const { runbook, parameters } = bound;
  const attachments = [
    { label: `Runbook '${runbook.name}'`, text: fillInstructions(runbook.instructions, parameters, measured.results) },
  ];
  if (measured.texts.length > 0)
    attachments.push({ label: 'Measured by Switchboard', text: measured.texts.join('\n\n') });
  const lines = conditions.map(
    ({ name, expression, explained, holds, requires }) =>
      `- ${name}: ${expression} is ${holds} (${explained}). ${holds ? 'Allows' : 'Forbids'} ${requires.join(', ')}.`,
  );
  if (lines.length > 0) attachments.push({ label: 'Conditions, evaluated by Switchboard', text: lines.join('\n') });
  return attachments;
}

function failed(message: string, code?: string): { readonly kind: 'ended'; readonly ending: Ending } {
  return { kind: 'ended', ending: { reason: 'failed', message, ...(code !== undefined && { code }) } };
}
