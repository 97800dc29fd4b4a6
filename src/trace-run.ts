import { errorCodes } from '../servers/contract/errors.ts';
import { noTracing, type Span, type Tracing } from '../servers/contract/telemetry/tracing.ts';
import type { RunEvent } from './agent/events.ts';
import type { Model, ModelEvent } from './agent/model/model.ts';
import type { ToolOutcome, ToolSource } from './agent/tools.ts';

interface TracedRun {
  readonly session: string;
  readonly run: string;
  readonly model: string;
  readonly runbook: string | undefined;
  /** Whoever started the run, as W3C Trace Context. */
  readonly traceparent: string | undefined;
  /** Applied to content, where it may be recorded at all. */
  readonly redact: (text: string) => string;
}

interface TracedPorts {
  readonly model: Model;
  readonly tools: ToolSource;
}

/** One run as a trace: a span for each turn of the model and each call of a tool, below that of the run. */
export interface RunTrace {
  /** @param isOfModel false: a person asked for the calls. */
  readonly ports: (ports: TracedPorts, isOfModel: boolean) => TracedPorts;
  readonly saw: (event: RunEvent) => void;
  /** Ends the span if the run was abandoned before its end. */
  readonly close: () => void;
}

const untraced: RunTrace = {
  ports: ({ model, tools }) => ({ model, tools }),
  saw: () => undefined,
  close: () => undefined,
};

/** What the spans of one run have in common. */
interface Trace {
  readonly tracing: Tracing;
  readonly parent: Span;
  /** Undefined where content is not recorded. */
  readonly content: (text: string) => string | undefined;
}

/** Names follow the conventions of OpenTelemetry for generative AI. The user is not among the attributes. */
export function traceRun(tracing: Tracing, run: TracedRun): RunTrace {
  if (tracing === noTracing) return untraced;
  const span = tracing.start('invoke_agent switchboard', {
    kind: 'internal',
    parent: run.traceparent,
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'switchboard',
      'gen_ai.request.model': run.model,
      'gen_ai.conversation.id': run.session,
      'switchboard.run.id': run.run,
      'switchboard.runbook': run.runbook,
    },
  });
  const content = (text: string): string | undefined =>
    tracing.recordsContent ? run.redact(text).slice(0, maxContent) : undefined;
  const trace = { tracing, parent: span, content };
  let isOver = false;
  const end = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    span.set({ 'switchboard.run.end': reason });
    span.end(reason === 'completed' ? undefined : reason);
  };
  return {
    ports: ({ model, tools }, isOfModel) => ({
      model: isOfModel ? traceModel(model, trace) : model,
      tools: traceTools(tools, trace),
    }),
    saw: (event) => {
      if (event.type === 'run-finished') end(event.reason);
    },
    close: () => end('abandoned'),
  };
}

/** Per attribute. */
const maxContent = 8_000;

function traceTools(tools: ToolSource, { tracing, parent, content }: Trace): ToolSource {
  return {
    ...tools,
    call: async (name, input, options) => {
      const span = tracing.start(`execute_tool ${name}`, {
        kind: 'internal',
        parent,
        attributes: {
          'gen_ai.operation.name': 'execute_tool',
          'gen_ai.tool.name': name,
          'gen_ai.tool.type': 'function',
          'switchboard.preview': options.preview,
          'gen_ai.tool.call.arguments': content(JSON.stringify(input)),
        },
      });
      const outcome = await tools.call(name, input, { ...options, traceparent: span.traceparent });
      span.set({ 'gen_ai.tool.call.result': content(outcome.text) });
      span.end(failureOf(outcome));
      return outcome;
    },
  };
}

/** A third party's code may be any text. */
function failureOf(outcome: ToolOutcome): string | undefined {
  if (outcome.kind === 'result') return undefined;
  return errorCodes.find((code) => code === outcome.failure.code) ?? 'other';
}

function traceModel(model: Model, trace: Trace): Model {
  const { id, contextTokens } = model;
  return { id, contextTokens, stream: (request) => traceTurn(model.stream(request), id, trace) };
}

async function* traceTurn(
  events: AsyncIterable<ModelEvent>,
  model: string,
  { tracing, parent, content }: Trace,
): AsyncGenerator<ModelEvent> {
  const span = tracing.start(`chat ${model}`, {
    kind: 'client',
    parent,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': model,
    },
  });
  let failure: string | undefined = 'abandoned';
  let retries = 0;
  try {
    for await (const event of events) {
      if (event.type === 'retry-scheduled') retries += 1;
      if (event.type === 'turn-failed') failure = event.failure.kind;
      if (event.type === 'turn-finished') {
        failure = undefined;
        span.set({ ...attributesOf(event), 'gen_ai.output.messages': content(JSON.stringify(event.content)) });
      }
      yield event;
    }
  } finally {
    span.set({ 'switchboard.retries': retries });
    span.end(failure);
  }
}

function attributesOf({ stop, usage }: Extract<ModelEvent, { type: 'turn-finished' }>) {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  return {
    'gen_ai.response.finish_reasons': [stop],
    'gen_ai.usage.input_tokens': inputTokens + cacheReadTokens + cacheWriteTokens,
    'gen_ai.usage.cache_read.input_tokens': cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': cacheWriteTokens,
    'gen_ai.usage.output_tokens': outputTokens,
  };
}
