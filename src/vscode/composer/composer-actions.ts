import type { WebviewMessage } from '../../chat/messages.ts';
import type { Chat } from '../chat/chat.ts';
import type { ContextItem } from '../editor/editor-context.ts';
import type { Composer } from './composer.ts';
import { runbookNamedBy } from './runbook-mentions.ts';

export interface ComposerActionsParts {
  readonly chat: Chat;
  readonly composer: Composer;
  readonly runRunbook: (name: string) => Promise<void>;
}

const types = ['send', 'complete', 'attach', 'attach-files', 'detach'] as const;

type ComposerMessage = Extract<WebviewMessage, { type: (typeof types)[number] }>;

export function isForComposer(message: WebviewMessage): message is ComposerMessage {
  return types.some((type) => type === message.type);
}

/** Handles what the composer of the webview sends. */
export function createComposerActions(parts: ComposerActionsParts) {
  const { chat, composer } = parts;
  const refuse = (problem: string | undefined): void => {
    if (problem !== undefined) chat.notify('error', problem);
  };
  return async (message: ComposerMessage, context: readonly ContextItem[]): Promise<void> => {
    switch (message.type) {
      case 'send':
        return send(parts, message, context);
      case 'complete':
        return composer.complete(message.trigger, message.query);
      case 'attach':
        return refuse(composer.files.add(message));
      case 'attach-files':
        return refuse(await composer.addFiles(message.uris));
      case 'detach':
        return composer.files.remove(message.id);
    }
  };
}

async function send(
  { chat, composer, runRunbook }: ComposerActionsParts,
  message: Extract<WebviewMessage, { type: 'send' }>,
  context: readonly ContextItem[],
): Promise<void> {
  const named = runbookNamedBy(message.text);
  if (named !== undefined && (await composer.hasRunbook(named))) return runRunbook(named);
  const { shown } = chat;
  const given = composer.files.take(message.chips);
  const items = [...given, ...context.filter(({ chip }) => message.chips.includes(chip.id))];
  const mentioned = await composer.attachments(message.mentions ?? []);
  await shown.run({
    prompt: message.text,
    context: [...items.map(({ chip }) => chip.label), ...mentioned.map(({ label }) => label)],
    attachments: [...items.map(({ attachment }) => attachment), ...mentioned],
  });
}
