import {
  CancellationTokenSource,
  LanguageModelChatMessage,
  LanguageModelError,
  LanguageModelTextPart,
  LanguageModelToolCallPart,
  LanguageModelToolResultPart,
  lm,
  type LanguageModelChat,
} from 'vscode';
import type {
  AssistantBlock,
  Message,
  Model,
  ModelEvent,
  ModelFailure,
  ModelRequest,
} from '../../agent/model/model.ts';

/** A model that VS Code offers, for users without an Anthropic key. Prefers a Claude model. */
export async function findEditorModel(): Promise<Model | undefined> {
  const models = await lm.selectChatModels();
  const model = models.find(({ family }) => family.startsWith('claude')) ?? models[0];
  return model === undefined ? undefined : createEditorModel(model);
}

/** VS Code asks the user for consent on first use. Its API has no system prompt, cache or stop reason. */
function createEditorModel(model: LanguageModelChat): Model {
  return {
    id: `${model.vendor}/${model.id}`,
    contextTokens: Math.round(model.maxInputTokens * 0.75),
    async *stream(request) {
      const cancellation = new CancellationTokenSource();
      const cancel = (): void => cancellation.cancel();
      request.signal.addEventListener('abort', cancel, { once: true });
      try {
        yield* streamTurn(model, request, cancellation);
      } catch (error) {
        yield { type: 'turn-failed', failure: explain(error, request.signal) };
      } finally {
        request.signal.removeEventListener('abort', cancel);
        cancellation.dispose();
      }
    },
  };
}

async function* streamTurn(
  model: LanguageModelChat,
  request: ModelRequest,
  cancellation: CancellationTokenSource,
): AsyncGenerator<ModelEvent> {
  const messages = [LanguageModelChatMessage.User(request.system), ...request.messages.map(toEditorMessage)];
  const tools = request.tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const response = await model.sendRequest(messages, { tools }, cancellation.token);
  const content: AssistantBlock[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') content.push({ type: 'text', text });
    text = '';
  };
  for await (const part of response.stream) {
    if (part instanceof LanguageModelTextPart) {
      text += part.value;
      yield { type: 'text-delta', text: part.value };
    } else if (part instanceof LanguageModelToolCallPart) {
      endText();
      const input = { kind: 'complete', value: { ...part.input } } as const;
      content.push({ type: 'tool-call', id: part.callId, name: part.name, input });
    }
  }
  endText();
  request.signal.throwIfAborted();
  const [inputTokens, outputTokens] = await Promise.all([
    model.countTokens(JSON.stringify(request.messages) + request.system),
    model.countTokens(JSON.stringify(content)),
  ]);
  yield {
    type: 'turn-finished',
    content,
    stop: content.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'end',
    refusal: undefined,
    usage: { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 },
  };
}

function toEditorMessage(message: Message): LanguageModelChatMessage {
  if (message.role === 'user') {
    return LanguageModelChatMessage.User(
      message.content.map((block) =>
        block.type === 'text'
          ? new LanguageModelTextPart(block.text)
          : new LanguageModelToolResultPart(block.callId, [new LanguageModelTextPart(block.text)]),
      ),
    );
  }
  return LanguageModelChatMessage.Assistant(
    message.content.flatMap((block): (LanguageModelTextPart | LanguageModelToolCallPart)[] => {
      if (block.type === 'text') return [new LanguageModelTextPart(block.text)];
      if (block.type === 'opaque') return [];
      const input = block.input.kind === 'complete' ? { ...block.input.value } : {};
      return [new LanguageModelToolCallPart(block.id, block.name, input)];
    }),
  );
}

function explain(error: unknown, signal: AbortSignal): ModelFailure {
  if (signal.aborted) return { kind: 'cancelled', message: 'Cancelled.' };
  const said = error instanceof Error ? error.message : String(error);
  if (!(error instanceof LanguageModelError)) return { kind: 'broken', message: `The language model failed: ${said}` };
  switch (error.code) {
    case LanguageModelError.NoPermissions.name:
      return {
        kind: 'unauthorized',
        message: 'Switchboard is not allowed to use this language model. Allow access, or set an Anthropic API key.',
      };
    case LanguageModelError.Blocked.name:
      return { kind: 'rate-limited', message: `The language model is temporarily blocked: ${said}` };
    case LanguageModelError.NotFound.name:
      return {
        kind: 'not-found',
        message: 'The language model is no longer available. Set an Anthropic API key instead.',
      };
    default:
      return { kind: 'broken', message: `The language model failed: ${said}` };
  }
}
