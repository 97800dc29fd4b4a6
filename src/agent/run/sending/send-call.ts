import { failure } from '../../host-tools.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../../tools.ts';
import type { RunPorts, RunState } from '../ports.ts';
import type { CallToRecord, Verdict } from '../run-audit.ts';
import { createSample } from '../sample-for-server.ts';
import { firstResultOf } from './first-result.ts';
import { idempotencyKeyOf } from './idempotency-key.ts';

export interface ReadyCall {
  readonly callId: string;
  readonly spec: ToolSpec;
  readonly input: Arguments;
  readonly verdict: Verdict;
}

/** The audit log records the intent before the call leaves and the outcome afterwards. */
export async function sendCall(
  { callId, spec, input, verdict }: ReadyCall,
  state: RunState,
  ports: RunPorts,
): Promise<ToolOutcome> {
  const { approval } = verdict;
  const idempotencyKey = spec.risk === 'read' ? undefined : keyOf({ callId, spec, input }, state, ports);
  const started = performance.now();
  const recorded = ports.audit?.intend({ ...toRecord({ callId, spec, input, verdict }, state, ports), idempotencyKey });
  if (recorded?.kind === 'unrecorded') return failure('not_configured', recorded.message);
  const outcome = await ports.tools.call(spec.name, input, {
    signal: ports.signal,
    onProgress: (progress) => state.emit({ type: 'tool-call-progressed', callId, ...progress }),
    run: { session: state.session, run: state.run, actor: state.actor },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(approval !== undefined && { approval }),
    ...(!spec.trusted && {
      forServer: {
        ask: ports.askForServer,
        sample: ports.allowSampling === true ? createSample(state, ports) : undefined,
      },
    }),
  });
  recorded?.finish(outcome, performance.now() - started);
  if (outcome.kind === 'failure' && firstResultOf(spec, outcome) === undefined)
    ports.occasion?.release({ callId, tool: spec.name });
  return outcome;
}

function keyOf(
  { callId, spec, input }: Omit<ReadyCall, 'verdict'>,
  state: RunState,
  { occasion }: Pick<RunPorts, 'occasion'>,
): string {
  return occasion?.keyOf({ callId, tool: spec.name }) ?? idempotencyKeyOf(state.session, callId, spec, input);
}

export function toRecord(
  { callId, spec, input, verdict }: Omit<ReadyCall, 'verdict'> & { readonly verdict?: Verdict | undefined },
  { session, run, actor }: RunState,
  ports: RunPorts,
): CallToRecord {
  const { taint } = ports.policy.context(ports.ask !== undefined);
  return { callId, tool: spec, arguments: input, session, run, actor, verdict, taint };
}
