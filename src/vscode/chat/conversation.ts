import { l10n } from 'vscode';
import type { ApprovalRequest } from '../../agent/approval.ts';
import type { RunEvent } from '../../agent/events.ts';
import type { RequestedCall } from '../../agent/undo.ts';
import type { ServerQuestion } from '../../agent/server-question.ts';
import type { BoundRunbook } from '../../agent/runbook/runbook.ts';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { ChatEvent, ChatState } from '../../chat/chat-state.ts';
import type { HostMessage } from '../../chat/messages.ts';
import { createProjection } from '../../chat/projection.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import { createApprovals, type Approvals } from './approvals.ts';
import { createEmitter } from './emitter.ts';
import { createQuestions, type Questions } from './questions.ts';

export interface Task {
  readonly prompt: string;
  /** Short labels of the attached context: `orders.ts:12-30`. */
  readonly context: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly runbook?: BoundRunbook | undefined;
  /** Resumes the last run of the session. */
  readonly resume?: boolean;
  /** Another agent asked for it: every write asks the user, whatever was allowed before. */
  readonly withoutGrants?: boolean;
  /** Makes these calls instead of asking the model. */
  readonly calls?: readonly RequestedCall[];
  /** The earlier call that `calls` take back. */
  readonly undoes?: string;
}

/** The first event of a run that was cut off when its window closed. */
export type Interrupted = Extract<RunEvent, { type: 'run-started' }>;

export interface ConversationOptions {
  readonly holder: Pick<EngineHolder, 'get' | 'use'>;
  readonly report: (error: unknown) => void;
  readonly openPage: (url: string) => Promise<boolean>;
  readonly onMessage: (message: HostMessage) => void;
  /** The session exists from here on. Awaited before anything else happens in the run. */
  readonly onStarted: (session: string) => Promise<void>;
  readonly onApproval: (request: ApprovalRequest) => void;
  readonly onQuestion: (question: ServerQuestion) => void;
  /** Its state has changed by more than streamed text, or a run has begun or ended. */
  readonly onChanged: () => void;
  /** The session cannot be read. */
  readonly onUnreadable: (reason: string) => Promise<void>;
}

/** Events are sent to the view in batches this many milliseconds apart, because deltas arrive by the dozen. */
const batchMs = 25;

/** One session in this window, with its run if one is in progress. The state lives here, and a webview only mirrors it. */
export class Conversation {
  readonly approvals: Approvals;
  readonly questions: Questions;
  readonly #options: ConversationOptions;
  readonly #projection = createProjection();
  readonly #events = createEmitter<RunEvent>();
  readonly onEvent = this.#events.event;
  #session: string | undefined;
  #run: AbortController | undefined;
  #lastStarted: Interrupted | undefined;
  #batch: ChatEvent[] = [];
  #loaded: Promise<Interrupted | undefined> | undefined;

  /** @param session loaded when it is first needed. Without one, the first run begins it. */
  constructor(options: ConversationOptions, session: string | undefined) {
    this.#options = options;
    this.#session = session;
    this.approvals = createApprovals(options.onApproval);
    this.questions = createQuestions({
      push: (event) => this.#push(event),
      onAsked: options.onQuestion,
      open: options.openPage,
    });
  }

  get session(): string | undefined {
    return this.#session;
  }

  get state(): ChatState {
    return this.#projection.state();
  }

  /** How the last run of the session started. */
  get lastStarted(): Interrupted | undefined {
    return this.#lastStarted;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  snapshot(): HostMessage {
    this.#flush();
    return this.#projection.snapshot();
  }

  /** Resolves when the run ends. Only one run at a time. */
  async run(task: Task): Promise<void> {
    if (this.#run !== undefined) return this.#refuse();
    const run = new AbortController();
    this.#run = run;
    this.#push({ type: 'prompt-sent', text: task.prompt, context: task.context, resumed: task.resume ?? false });
    this.#options.onChanged();
    try {
      await this.load();
      await this.#options.holder.use((live) => this.#follow(task, live, run.signal));
    } catch (error) {
      this.#options.report(error);
      const reason = error instanceof Error ? error.message : String(error);
      this.#push({ type: 'prompt-rejected', message: reason });
    } finally {
      this.#run = undefined;
      this.#flush();
      this.#options.onChanged();
    }
  }

  stop(): void {
    this.#run?.abort(new Error('stopped by the user'));
  }

  /** Reads the session. Runs once. Resolves with the start of its last run, if that was interrupted. */
  load(): Promise<Interrupted | undefined> {
    this.#loaded ??= this.#session === undefined ? Promise.resolve(undefined) : this.#read(this.#session);
    return this.#loaded;
  }

  #refuse(): void {
    this.#options.onMessage({
      type: 'notice',
      level: 'error',
      message: l10n.t('A run is in progress. Stop it, wait for it to finish, or start a new session.'),
      duringRun: true,
    });
  }

  async #follow(task: Task, { engine, hasModel }: LiveEngine, signal: AbortSignal): Promise<void> {
    if (!hasModel && task.calls === undefined) {
      const message = l10n.t(
        'No language model is connected. Run "Switchboard: Set Up Connections..." and choose Claude.',
      );
      this.#push({ type: 'prompt-rejected', message, code: 'not_configured' });
      return;
    }
    const events = engine.start({
      session: this.#session,
      prompt: task.prompt,
      resume: task.resume ?? false,
      attachments: task.attachments,
      runbook: task.runbook,
      calls: task.calls,
      undoes: task.undoes,
      acceptGrants: false,
      withoutGrants: task.withoutGrants ?? false,
      ask: this.approvals.ask,
      askForServer: this.questions.ask,
      signal,
    });
    for await (const event of events) {
      if (event.type === 'run-started') {
        this.#lastStarted = event;
        this.#session = event.session;
        await this.#options.onStarted(event.session);
      }
      this.#push(event);
      this.#events.fire(event);
    }
  }

  async #read(session: string): Promise<Interrupted | undefined> {
    try {
      const { engine } = await this.#options.holder.get();
      const { events, interrupted } = await engine.sessions.read(session);
      const past = events.map(({ event }) => event);
      this.#lastStarted = past.findLast((event) => event.type === 'run-started');
      this.#options.onMessage(this.#projection.reset(interrupted === undefined ? past : [...past, interruption]));
      return interrupted?.started;
    } catch (error) {
      this.#options.report(error);
      this.#session = undefined;
      await this.#options.onUnreadable(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  #push(event: ChatEvent): void {
    if (this.#batch.length === 0) setTimeout(() => this.#flush(), batchMs);
    this.#batch.push(event);
  }

  #flush(): void {
    const events = this.#batch;
    this.#batch = [];
    if (events.length === 0) return;
    this.#options.onMessage(this.#projection.apply(events));
    if (events.some(({ type }) => !streamed.includes(type))) this.#options.onChanged();
  }
}

const streamed: readonly ChatEvent['type'][] = ['text-delta', 'thinking-delta', 'tool-call-progressed'];

/** A run that was cut off when its window closed must not look as if it is still running. */
const interruption: RunEvent = {
  type: 'run-finished',
  reason: 'cancelled',
  message: 'The window was closed or reloaded during this run. Writes that still needed your approval were not made.',
  writeNotGranted: false,
};
