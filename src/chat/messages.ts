import * as z from 'zod';
import type { ChatEvent, ChatState } from './chat-state.ts';
import type { EvidenceDetail } from './evidence-details.ts';
import type { RowAnswer, RowQuery } from './evidence-query.ts';
import { triggers, type Completion, type Trigger } from './mentions.ts';
import type { Timeline } from './timeline.ts';
import type { OutgoingClaim } from './vocabulary.ts';

/** Host -> webview. Both sides are our own code, so the webview checks only the fields that it cannot do without. */
export type HostMessage =
  /** The full state. Sent on `ready` and whenever another session is shown. */
  | {
      readonly type: 'state';
      readonly state: ChatState;
      readonly sequence: number;
      /** How long each call that is running has been running, in milliseconds. */
      readonly elapsedMs?: Readonly<Record<string, number>>;
    }
  /**
   * New events. `sequence` is the number after the last of them. A webview that missed some (messages to a hidden view
   * are lost) notices the gap and sends `ready` again.
   */
  | { readonly type: 'events'; readonly events: readonly ChatEvent[]; readonly sequence: number }
  | { readonly type: 'context'; readonly chips: readonly ContextChip[] }
  /** Questions about the connected systems, to begin with. */
  | { readonly type: 'questions'; readonly questions: readonly string[] }
  /** Everything that the user has added to the next prompt. */
  | { readonly type: 'attached'; readonly chips: readonly ContextChip[] }
  | { readonly type: 'connections'; readonly model: ModelStatus; readonly servers: readonly ServerStatus[] }
  /** Adds text to the composer for the user to review and send. */
  | { readonly type: 'insert-prompt'; readonly text: string }
  | { readonly type: 'focus'; readonly target: 'composer' | 'approval' }
  /** Answers `show-timeline`. */
  | { readonly type: 'timeline'; readonly run: string; readonly timeline: Timeline }
  /** Answers `complete`, again whenever more is known. */
  | {
      readonly type: 'completions';
      readonly trigger: Trigger;
      readonly query: string;
      readonly items: readonly Completion[];
      /** More may follow. */
      readonly loading: boolean;
    }
  /** Answers `query-evidence`, from all rows that the host holds. */
  | ({ readonly type: 'evidence-rows'; readonly id: string; readonly query: RowQuery } & RowAnswer)
  /** Answers `read-detail`, if the result is one that can be drawn. */
  | { readonly type: 'evidence-detail'; readonly id: string; readonly detail: EvidenceDetail }
  /** The figures in an edit that has not been sent, and what is wrong with its references. */
  | {
      readonly type: 'edit-checked';
      readonly requestId: string;
      readonly claims: readonly OutgoingClaim[];
      readonly problem: string | undefined;
    }
  /** A message that does not belong to a run. Shown above the composer until dismissed, or until the run ends. */
  | {
      readonly type: 'notice';
      readonly level: 'info' | 'error';
      readonly message: string;
      readonly duringRun?: boolean;
    };

/** Editor context that can be attached to a prompt. Its content stays in the host. */
export interface ContextChip {
  readonly id: string;
  readonly kind: 'selection' | 'file' | 'diagnostics' | 'attachment' | 'terminal';
  /** Short form: `orders.ts:12-30`, `3 problems`. */
  readonly label: string;
  /** Long form for the tooltip: `src/orders.ts, lines 12 to 30`. */
  readonly detail: string;
  /** Attached unless the user removes it. */
  readonly suggested: boolean;
  /** What to look at before it is sent: `2 secrets were masked`. */
  readonly warning?: string;
}

export interface ModelStatus {
  readonly label: string;
  readonly state: 'ready' | 'untested' | 'failed' | 'not-configured';
  /** The label, or what is wrong. */
  readonly detail: string;
}

export interface ServerStatus {
  readonly id: string;
  readonly title: string;
  readonly state: 'ready' | 'starting' | 'restarting' | 'failed' | 'not-configured' | 'off';
  /** One line that says what it is connected to ("shop on db.example.com") or what is wrong. */
  readonly detail: string;
}

/** The only commands that the webview can run. */
export const chatCommands = [
  'switchboard.investigateFailedOrders',
  'switchboard.fileJiraBugFromSelection',
  'switchboard.runRunbook',
  'switchboard.chooseModel',
  'switchboard.setUpConnections',
  'switchboard.testConnections',
  'switchboard.restartServer',
  'switchboard.showServerLog',
  'switchboard.openAuditLog',
  'switchboard.sessionHistory',
  'switchboard.exportSession',
] as const;

export type ChatCommand = (typeof chatCommands)[number];

/** Characters of a pasted or dropped file. More costs more than it tells; the database answers better. */
export const maxAttachedText = 256_000;
/** Characters of an image in base64, as models accept it. */
export const maxAttachedImage = 5_000_000;

const text = z.string().max(200_000);
const id = z.string().min(1).max(200);

/** Only URLs that are safe to open in a browser: no `command:`, no `file:` and no credentials. */
const link = z
  .url({ protocol: /^https?$/u })
  .max(2000)
  .refine((url) => URL.canParse(url) && new URL(url).username === '' && new URL(url).password === '');

/** An answer names the card and the hash of what it showed, so that a stale card cannot decide anything. */
const card = { requestId: id, sha256: z.string().max(64) };

/** Webview -> host. The webview renders untrusted text, so the host validates every message. */
export const webviewMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('send'),
    text: text.trim().min(1),
    chips: z.array(id).max(50),
    /** Ids of completions that the text mentions. */
    mentions: z.array(z.string().min(1).max(2000)).max(50).optional(),
  }),
  /** A file that was pasted or dropped: its text, or an image in base64. */
  z.strictObject({
    type: z.literal('attach'),
    name: z.string().max(300),
    kind: z.enum(['text', 'image']),
    /** In bytes. A file that is too large comes without its content, and is refused. */
    size: z.int().min(0),
    data: z.string().max(maxAttachedImage),
  }),
  /** Files of the workspace that were dropped. */
  z.strictObject({ type: z.literal('attach-files'), uris: z.array(z.string().max(4000)).min(1).max(20) }),
  z.strictObject({ type: z.literal('detach'), id }),
  /** Asks for names that fit what is typed behind `@`, `#` or `/`. */
  z.strictObject({ type: z.literal('complete'), trigger: z.enum(triggers), query: z.string().max(200) }),
  z.strictObject({ type: z.literal('stop') }),
  /** Resumes this run, which must be the last one. Starts it again if it stopped before it reached the model. */
  z.strictObject({ type: z.literal('resume'), run: id }),
  z.strictObject({ type: z.literal('approve'), ...card, scope: z.enum(['once', 'run', 'always']) }),
  /** Asks for the calls that undo this one. Each needs its own approval. */
  z.strictObject({ type: z.literal('undo'), callId: id }),
  z.strictObject({ type: z.literal('deny'), ...card, reason: z.string().trim().max(2000).optional() }),
  z.strictObject({ type: z.literal('revise'), ...card, arguments: z.record(z.string(), z.unknown()) }),
  /** Asks for the timeline of a run of this session. */
  z.strictObject({ type: z.literal('show-timeline'), run: id }),
  /** Asks what is known about an edit while it is typed. The answer is `edit-checked`. */
  z.strictObject({ type: z.literal('check-edit'), ...card, arguments: z.record(z.string(), z.unknown()) }),
  /** `typed` has the fields of a form as the user filled them in. */
  z.strictObject({
    type: z.literal('answer-question'),
    id,
    action: z.enum(['accept', 'decline', 'cancel']),
    typed: z
      .record(z.string().max(100), z.union([z.string().max(20_000), z.array(z.string().max(2000)).max(200)]))
      .optional(),
  }),
  z.strictObject({
    type: z.literal('query-evidence'),
    id,
    filter: z.string().max(1000),
    sort: z.strictObject({ column: z.int().min(0), descending: z.boolean() }).optional(),
  }),
  z.strictObject({ type: z.literal('read-detail'), id }),
  /** Reads the schema of a table that this result names. */
  z.strictObject({ type: z.literal('describe-table'), id, table: z.string().min(1).max(200) }),
  z.strictObject({ type: z.literal('open-evidence'), id }),
  z.strictObject({ type: z.literal('open-grid'), id }),
  z.strictObject({ type: z.literal('copy-evidence'), id }),
  /** The text of an SVG, or a PNG in base64. */
  z.strictObject({
    type: z.literal('save-chart'),
    id: z.string().regex(/^E\d{1,5}$/u),
    format: z.enum(['svg', 'png']),
    data: z.string().max(8_000_000),
  }),
  z.strictObject({ type: z.literal('open-query'), callId: id }),
  z.strictObject({ type: z.literal('copy-text'), text }),
  z.strictObject({ type: z.literal('open-link'), url: link }),
  /** `path` is relative to a workspace folder, and the host keeps it inside. `line` counts from 1. */
  z.strictObject({
    type: z.literal('open-file'),
    path: z.string().min(1).max(1000),
    line: z.int().min(1).max(10_000_000).optional(),
  }),
  /** Starts a new session with the history before the prompt of this run, or up to its end. */
  z.strictObject({ type: z.literal('branch'), run: id, place: z.enum(['before', 'after']) }),
  z.strictObject({ type: z.literal('new-session') }),
  /** Changes how this system is connected: `claude`, or the id of a server. */
  z.strictObject({ type: z.literal('set-up'), system: id }),
  z.strictObject({ type: z.literal('run-command'), command: z.enum(chatCommands) }),
]);

export type WebviewMessage = z.infer<typeof webviewMessageSchema>;

/** Returns the message, or one line for the log that says what is wrong with it. */
export function parseWebviewMessage(value: unknown): { message: WebviewMessage } | { problem: string } {
  const parsed = webviewMessageSchema.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : issue.path.join('.');
  return { problem: `message from the chat view refused: ${where === '' ? 'type' : where}: ${issue?.message ?? ''}` };
}
