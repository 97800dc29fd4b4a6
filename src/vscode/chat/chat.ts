import { l10n } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { ServerQuestion } from '../../agent/server-question.ts';
import { currentRun, waitingCards, type ChatState } from '../../chat/chat-state.ts';
import type { HostMessage } from '../../chat/messages.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { Conversation, type Interrupted, type Task } from './conversation.ts';
import { term } from '../texts.ts';
import { createEmitter } from './emitter.ts';
import type { ShownSession } from './session-state.ts';

export interface ChatOptions {
  readonly holder: Pick<EngineHolder, 'get' | 'use'>;
  /** The session that the window showed before a reload. */
  readonly shown: ShownSession;
  readonly report: (error: unknown) => void;
  /** Opens a web page. False if the user did not want that after all. */
  readonly openPage: (url: string) => Promise<boolean>;
}

/** What a session of this window is doing. */
export interface Activity {
  /** Undefined while its first run is starting. */
  readonly session: string | undefined;
  readonly isShown: boolean;
  /** `ended`: a run ended while another session was shown, and nobody has looked at it since. */
  readonly state: 'running' | 'waiting' | 'ended';
  /** Cards that wait for the user. */
  readonly waiting: number;
  /** What it does, in a few words. */
  readonly doing: string;
  /** What its first run was asked. */
  readonly prompt: string;
}

/** An event of any session of this window. */
export interface SessionEvent<Value> {
  readonly session: string | undefined;
  readonly isShown: boolean;
  readonly value: Value;
}

/**
 * The sessions of this window. One is shown. The runs of others go on, and are shown again where they are. Everything
 * that the panel sends is about the session that it shows.
 */
export class Chat {
  readonly #options: ChatOptions;
  readonly #messages = createEmitter<HostMessage>();
  /** Fires for each message to the webview. */
  readonly onMessage = this.#messages.event;
  readonly #events = createEmitter<SessionEvent<RunEvent>>();
  readonly onEvent = this.#events.event;
  readonly #asked = createEmitter<SessionEvent<ApprovalRequest>>();
  readonly onApproval = this.#asked.event;
  readonly #questioned = createEmitter<SessionEvent<ServerQuestion>>();
  /** Fires when a third-party server asks the user. */
  readonly onQuestion = this.#questioned.event;
  readonly #interrupted = createEmitter<Interrupted>();
  /** Fires after a reload that interrupted the run of the session that is shown. */
  readonly onInterrupted = this.#interrupted.event;
  readonly #changed = createEmitter<readonly Activity[]>();
  /** Fires when what sessions are doing has changed, or another one is shown. */
  readonly onActivity = this.#changed.event;
  /** Those with a run in progress that are not shown. */
  readonly #background = new Set<Conversation>();
  readonly #ended = new Set<string>();
  #shown: Conversation;
  #restored: Promise<void> | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    this.#shown = this.#create(options.shown.get());
  }

  /** Take it once for work with a session, because the user may show another one meanwhile. */
  get shown(): Conversation {
    return this.#shown;
  }

  get state(): ChatState {
    return this.#shown.state;
  }

  get isRunning(): boolean {
    return this.#shown.isRunning;
  }

  snapshot(): HostMessage {
    return this.#shown.snapshot();
  }

  /** Runs the task in the session that is shown. Resolves when the run ends. */
  run(task: Task): Promise<void> {
    return this.#shown.run(task);
  }

  stop(): void {
    this.#shown.stop();
  }

  /** Restores the session that this window showed before a reload. Runs once. Later calls wait for the first. */
  restore(): Promise<void> {
    this.#restored ??= this.#restore(this.#shown);
    return this.#restored;
  }

  newSession(): Promise<void> {
    return this.#show(this.#create(undefined));
  }

  /** Shows this session. Its run, if one is in progress, is shown where it is. */
  async openSession(session: string): Promise<void> {
    if (this.#shown.session === session) return;
    const running = [...this.#background].find((conversation) => conversation.session === session);
    const conversation = running ?? this.#create(session);
    await this.#show(conversation);
    await conversation.load();
  }

  /** The session was deleted. */
  async forget(session: string): Promise<void> {
    this.#ended.delete(session);
    if (this.#shown.session === session) await this.newSession();
    else this.#fireActivity();
  }

  notify(level: 'info' | 'error', message: string): void {
    this.#messages.fire({ type: 'notice', level, message });
  }

  send(message: HostMessage): void {
    this.#messages.fire(message);
  }

  activity(): readonly Activity[] {
    const running = [this.#shown, ...this.#background].filter(({ isRunning }) => isRunning);
    return [
      ...running.map((conversation): Activity => {
        const waiting = waitingCards(conversation.state).length;
        const state = waiting > 0 ? 'waiting' : 'running';
        const isShown = conversation === this.#shown;
        const { pending, runs } = conversation.state;
        const prompt = runs[0]?.prompt ?? pending?.text ?? '';
        return { session: conversation.session, isShown, state, waiting, doing: doingIn(conversation.state), prompt };
      }),
      ...[...this.#ended].map((session): Activity => ({ ...seenOnce, session })),
    ];
  }

  async #restore(shown: Conversation): Promise<void> {
    const interrupted = await shown.load();
    if (interrupted !== undefined && shown === this.#shown) this.#interrupted.fire(interrupted);
  }

  async #show(conversation: Conversation): Promise<void> {
    const before = this.#shown;
    if (before.isRunning) this.#background.add(before);
    this.#background.delete(conversation);
    this.#shown = conversation;
    this.#restored = Promise.resolve();
    const { session } = conversation;
    if (session !== undefined) this.#ended.delete(session);
    this.#messages.fire(conversation.snapshot());
    this.#fireActivity();
    await this.#options.shown.set(session);
  }

  #create(session: string | undefined): Conversation {
    const { holder, report, openPage, shown } = this.#options;
    const of = <Value>(value: Value): SessionEvent<Value> => ({
      session: conversation.session,
      isShown: conversation === this.#shown,
      value,
    });
    const conversation: Conversation = new Conversation(
      {
        holder,
        report,
        openPage,
        onMessage: (message) => {
          if (conversation === this.#shown) this.#messages.fire(message);
        },
        onStarted: async (started) => {
          if (conversation === this.#shown) await shown.set(started);
        },
        onApproval: (request) => this.#asked.fire(of(request)),
        onQuestion: (question) => this.#questioned.fire(of(question)),
        onChanged: () => {
          if (!conversation.isRunning && this.#background.delete(conversation) && conversation.session !== undefined)
            this.#ended.add(conversation.session);
          this.#fireActivity();
        },
        onUnreadable: async (reason) => {
          if (conversation !== this.#shown) return;
          await shown.set(undefined);
          this.notify('error', l10n.t('Could not load the session: {0}', reason));
        },
      },
      session,
    );
    conversation.onEvent((event) => this.#events.fire(of(event)));
    return conversation;
  }

  #fireActivity(): void {
    this.#changed.fire(this.activity());
  }
}

const seenOnce = { isShown: false, state: 'ended', waiting: 0, doing: '', prompt: '' } as const;

function doingIn(state: ChatState): string {
  const run = currentRun(state);
  const call = run?.items.findLast((item) => item.kind === 'call');
  return call?.kind === 'call' ? term(call.title) : (run?.runbook ?? l10n.t('working'));
}
