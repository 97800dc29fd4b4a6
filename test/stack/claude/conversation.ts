import { blocksOf, resultText, type MessagesRequest } from './request.ts';

/** Plays the model: returns the next turn for the conversation so far. */
export type Script = (conversation: Conversation) => Turn;

export interface Turn {
  readonly thinking?: string | undefined;
  readonly text?: string | undefined;
  readonly calls?: readonly TurnCall[] | undefined;
  /** Set when the stop reason does not follow from the content. */
  readonly stop?: 'max_tokens' | 'refusal' | 'pause_turn' | 'model_context_window_exceeded' | undefined;
}

export interface TurnCall {
  /** As offered: `postgres__query_database`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One tool call of this run and its result. */
export interface Exchange {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly isError: boolean;
  /** The id that the host put at the start of the result: E3. */
  readonly evidence: string | undefined;
}

/** What a script sees. */
export interface Conversation {
  readonly system: string;
  /** The prompt of this run: the text of the last user message that is not only tool results. */
  readonly prompt: string;
  /** Calls since the prompt, in order. */
  readonly exchanges: readonly Exchange[];
  readonly tools: readonly string[];
  /** The offered tool with this name, whatever its server prefix. */
  readonly find: (plainName: string) => string | undefined;
  /** The calls of a tool made since the prompt. */
  readonly of: (plainName: string) => readonly Exchange[];
}

export function readConversation(request: MessagesRequest): Conversation {
  const tools = (request.tools ?? []).map((tool) => tool.name);
  const start = request.messages.findLastIndex(
    (message) =>
      message.role === 'user' && blocksOf(message).some((block) => block.type === 'text') && !isReply(message),
  );
  const exchanges = readExchanges(request.messages.slice(start));
  return {
    system:
      typeof request.system === 'string' ? request.system : (request.system ?? []).map((part) => part.text).join('\n'),
    prompt: textOf(request.messages[start]),
    exchanges,
    tools,
    find: (plainName) => tools.find((name) => plainNameOf(name) === plainName),
    of: (plainName) => exchanges.filter((exchange) => exchange.tool === plainName),
  };
}

/** A message with tool results continues a run, even if the host adds text to them. */
function isReply(message: MessagesRequest['messages'][number]): boolean {
  return blocksOf(message).some((block) => block.type === 'tool_result');
}

function textOf(message: MessagesRequest['messages'][number] | undefined): string {
  if (message === undefined) return '';
  return blocksOf(message)
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n');
}

function plainNameOf(name: string): string {
  return name.split('__').at(-1) ?? name;
}

function readExchanges(messages: MessagesRequest['messages']): Exchange[] {
  const blocks = messages.flatMap((message) => blocksOf(message));
  const results = new Map(
    blocks.flatMap((block) => (block.type === 'tool_result' ? [[block.tool_use_id, block] as const] : [])),
  );
  return blocks.flatMap((block) => {
    if (block.type !== 'tool_use') return [];
    const result = results.get(block.id);
    const text = result === undefined ? '' : resultText(result);
    return [
      {
        tool: plainNameOf(block.name),
        input: block.input,
        text,
        isError: result?.is_error === true,
        evidence: /\bE\d+\b/.exec(text.slice(0, 200))?.[0],
      },
    ];
  });
}
