/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return --
   this API came after the VS Code whose types we build against */
// A model of VS Code's own that is the stand-in for Claude behind another API. Its address and key are in the environment.
const vscode = require('vscode');

const model = {
  id: 'stand-in-1',
  name: 'Stand-in',
  family: 'stand-in',
  version: '1',
  maxInputTokens: 200_000,
  maxOutputTokens: 16_000,
  capabilities: { toolCalling: true },
  isUserSelectable: true,
};

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.lm.registerLanguageModelChatProvider('stand-in', {
      provideLanguageModelChatInformation: async () => [model],
      provideLanguageModelChatResponse: respond,
      provideTokenCount: async (_model, text) => Math.ceil(JSON.stringify(text).length / 4),
    }),
  );
};

async function respond(_model, [system, ...messages], options, progress) {
  const response = await fetch(`${process.env.STAND_IN_URL}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2026-10-21',
      authorization: `Bearer ${process.env.STAND_IN_KEY}`,
    },
    body: JSON.stringify({
      model: 'claude-sonnet-5-5',
      max_tokens: 16_000,
      stream: true,
      system: system.content.map(({ value }) => value).join(''),
      messages: messages.map(toMessage),
      tools: (options.tools ?? []).map(({ name, description, inputSchema }) => ({
        name,
        description,
        input_schema: inputSchema,
      })),
    }),
  });
  if (!response.ok) throw new Error(await response.text());
  let call;
  for (const line of (await response.text()).split('\n')) {
    if (!line.startsWith('data: ')) continue;
    const { content_block: block, delta, type } = JSON.parse(line.slice('data: '.length));
    if (type === 'content_block_start' && block.type === 'tool_use') call = { ...block, json: '' };
    if (delta?.type === 'text_delta') progress.report(new vscode.LanguageModelTextPart(delta.text));
    if (delta?.type === 'input_json_delta') call.json += delta.partial_json;
    if (type !== 'content_block_stop' || call === undefined) continue;
    progress.report(new vscode.LanguageModelToolCallPart(call.id, call.name, JSON.parse(call.json || '{}')));
    call = undefined;
  }
}

function toMessage({ role, content }) {
  return {
    role: role === vscode.LanguageModelChatMessageRole.User ? 'user' : 'assistant',
    content: content.map((part) => {
      if (part instanceof vscode.LanguageModelToolCallPart)
        return { type: 'tool_use', id: part.callId, name: part.name, input: part.input };
      if (part instanceof vscode.LanguageModelToolResultPart)
        return {
          type: 'tool_result',
          tool_use_id: part.callId,
          content: part.content.map(({ value }) => value).join(''),
        };
      return { type: 'text', text: part.value };
    }),
  };
}
