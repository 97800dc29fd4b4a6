import * as z from 'zod';
import type { ChatEvent, ChatState } from './chat-state.ts';

/** Host -> webview. Our own code on both sides; the webview checks only `type`. */
export type HostMessage =
  /** The whole truth: sent on `ready` and whenever another session is shown. */
  | { readonly type: 'state'; readonly state: ChatState; readonly sequence: number }
  /**
   * What happened since. `sequence` is the number after the last of these events; a webview that missed some (messages
   * to a hidden view are lost) sees it by the count and sends `ready` again.
   */
  | { readonly type: 'events'; readonly events: readonly ChatEvent[]; readonly sequence: number }
  | { readonly type: 'context'; readonly chips: readonly ContextChip[] }
  | { readonly type: 'connections'; readonly model: ModelStatus; readonly servers: readonly ServerStatus[] }
  /** Adds text to the composer, for the person to read and send. */
  | { readonly type: 'insert-prompt'; readonly text: string }
  | { readonly type: 'focus'; readonly target: 'composer' | 'approval' }
  /** Something outside any run. Shown above the composer until dismissed. */
  | { readonly type: 'notice'; readonly level: 'info' | 'error'; readonly message: string };

/** Something of the editor that may go with a prompt. Its content stays in the host. */
export interface ContextChip {
  readonly id: string;
  readonly kind: 'selection' | 'file' | 'diagnostics';
  /** Short: `orders.ts:12-30`, `3 problems`. */
  readonly label: string;
  /** Long, as a tooltip: `src/orders.ts, lines 12 to 30`. */
  readonly detail: string;
  /** Attached unless the person takes it off. */
  readonly suggested: boolean;
}

export interface ModelStatus {
  readonly label: string;
  readonly ready: boolean;
}

export interface ServerStatus {
  readonly id: string;
  readonly title: string;
  readonly state: 'ready' | 'starting' | 'restarting' | 'failed' | 'not-configured' | 'off';
  /** One line: what it is connected to ("shop on db.example.com"), or what is wrong. */
  readonly detail: string;
}

/** The only commands that the webview may ask for. */
export const chatCommands = [
  'switchboard.investigateFailedOrders',
  'switchboard.fileJiraBugFromSelection',
  'switchboard.runRunbook',
  'switchboard.setUpConnections',
  'switchboard.testConnections',
  'switchboard.restartServer',
  'switchboard.showServerLog',
  'switchboard.openAuditLog',
  'switchboard.sessionHistory',
  'switchboard.exportSession',
] as const;

export type ChatCommand = (typeof chatCommands)[number];

const text = z.string().max(200_000);
const id = z.string().min(1).max(200);

/** Only what may be opened in a browser: never `command:`, `file:` or a URL with credentials in it. */
const link = z
  .url({ protocol: /^https?$/u })
  .max(2000)
  .refine((url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '');

/** A card is answered by its id and the hash of what was shown, so that a stale card decides nothing. */
const card = { requestId: id, sha256: z.string().max(64) };

/** Webview -> host. The webview renders what strangers wrote, so the host takes nothing from it on trust. */
export const webviewMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('send'), text: text.trim().min(1), chips: z.array(id).max(50) }),
  z.strictObject({ type: z.literal('stop') }),
  /** Goes on with this run, the last one, where it stopped; begins it again where it had not come as far as the model. */
  z.strictObject({ type: z.literal('resume'), run: id }),
  z.strictObject({ type: z.literal('approve'), ...card, scope: z.enum(['once', 'run', 'always']) }),
  z.strictObject({ type: z.literal('deny'), ...card, reason: z.string().trim().max(2000).optional() }),
  z.strictObject({ type: z.literal('revise'), ...card, arguments: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal('open-evidence'), id }),
  z.strictObject({ type: z.literal('copy-evidence'), id }),
  z.strictObject({ type: z.literal('open-query'), callId: id }),
  z.strictObject({ type: z.literal('copy-text'), text }),
  z.strictObject({ type: z.literal('open-link'), url: link }),
  /** `path` is relative to a workspace folder; the host confines it. `line` counts from 1. */
  z.strictObject({
    type: z.literal('open-file'),
    path: z.string().min(1).max(1000),
    line: z.int().min(1).max(10_000_000).optional(),
  }),
  z.strictObject({ type: z.literal('new-session') }),
  z.strictObject({ type: z.literal('run-command'), command: z.enum(chatCommands) }),
]);

export type WebviewMessage = z.infer<typeof webviewMessageSchema>;

/** The message, or one line that says what is wrong with it (for the log: a person never sees it). */
export function parseWebviewMessage(value: unknown): { message: WebviewMessage } | { problem: string } {
  const parsed = webviewMessageSchema.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : issue.path.join('.');
  return { problem: `message from the chat view refused: ${where === '' ? 'type' : where}: ${issue?.message ?? ''}` };
}
