import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { emptyChat, isBusy, waitingCards, type ChatState } from '../../chat/chat-state.ts';
import type { HostMessage, ModelStatus, ServerStatus } from '../../chat/messages.ts';
import type { EvidenceView } from '../../chat/vocabulary.ts';
import { follow } from '../../chat/projection.ts';
import { Component } from '../component.ts';
import { Follower } from '../follower.ts';
import { spoken } from '../format/announce.ts';
import { onHostMessage, post } from '../host.ts';
import { NamesOfSession } from '../markdown/names.ts';
import { noteStarts } from '../running-calls.ts';
import { startsSomething } from '../starts-something.ts';
import { Announcer } from './announcer.ts';
import { ApprovalCard } from './approval/approval-card.ts';
import { nothingGiven, withGiven, type Given } from './composer/given.ts';
import { promptsOf } from './composer/prompt-history.ts';
import { ComposerBox } from './composer/composer-box.ts';
import { brokenServers } from './connection-list.ts';
import { emptyState } from './empty-state.ts';
import { jumpButton } from './jump-button.ts';
import { noticeBar, type Notice } from './notice-bar.ts';
import { promptBubble } from './prompt-bubble.ts';
import { QuestionCard } from './question/question-card.ts';
import { ToolCallLine } from './tool-call.ts';
import { usageMeter } from './usage-meter.ts';
import { t } from '../l10n.ts';

/** The whole panel, a projection of the host's state. Its only own state is the draft and what is expanded. */
export class SwitchboardChat extends Component {
  static override properties = {
    held: { state: true },
    given: { state: true },
    model: { state: true },
    servers: { state: true },
    notice: { state: true },
    cardInView: { state: true },
  };
  declare private held: Extract<HostMessage, { type: 'state' }>;
  declare private given: Given;
  declare private model: ModelStatus | undefined;
  declare private servers: readonly ServerStatus[];
  declare private notice: Notice | undefined;
  declare private cardInView: boolean;
  private readonly naming = new NamesOfSession();
  private known: ReadonlyMap<string, EvidenceView> = new Map();
  private readonly follower = new Follower(() => this.requestUpdate());
  private stopListening: (() => void) | undefined;

  constructor() {
    super();
    this.held = { type: 'state', state: emptyChat, sequence: -1 };
    this.given = nothingGiven;
    this.model = undefined;
    this.servers = [];
    this.notice = undefined;
    this.cardInView = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stopListening = onHostMessage(this.receive);
    this.addEventListener('reveal-evidence', this.reveal);
    this.addEventListener('call-opened', this.onOpened);
    this.addEventListener('show-prompt', this.onShowPrompt);
    this.addEventListener('keydown', this.onKey);
    post({ type: 'ready' });
  }

  override disconnectedCallback(): void {
    this.stopListening?.();
    this.follower.detach();
    super.disconnectedCallback();
  }

  /** Renders at most once per frame, so that fast streams are batched. */
  protected override async scheduleUpdate(): Promise<void> {
    await new Promise(requestAnimationFrame);
    await super.scheduleUpdate();
  }

  override willUpdate(): void {
    const { evidence } = this.state;
    if (evidence.length !== this.known.size || evidence.some((view) => this.known.get(view.id) !== view))
      this.known = new Map(evidence.map((view) => [view.id, view]));
  }

  override render(): TemplateResult {
    const { state, servers } = this;
    const empty = state.runs.length === 0 && state.pending === undefined;
    return html`
      <main class="transcript" tabindex="-1" aria-label=${t('Conversation')} @scroll=${this.onScroll}>
        <div>
          <h1 class="hidden">Switchboard</h1>
          ${this.held.sequence < 0 ? nothing : empty ? emptyState({ model: this.model, servers, questions: this.given.questions, onAsk: this.ask }) : this.transcript(state)}
        </div>
      </main>
      <section class="dock" aria-label=${t('Message')}>
        ${this.jumpButton()} ${empty ? nothing : brokenServers(servers)}
        ${
          this.notice === undefined
            ? nothing
            : noticeBar(this.notice, () => {
                this.notice = undefined;
              })
        }
        <composer-box
          .chips=${this.given.chips}
          .attached=${this.given.attached}
          .model=${this.model}
          .busy=${isBusy(state)}
          .prompts=${promptsOf(state)}
          .meter=${usageMeter(state)}
        ></composer-box>
      </section>
      <live-announcer></live-announcer>
    `;
  }

  override firstUpdated(): void {
    const box = this.find('.transcript', HTMLElement);
    const content = this.find('.transcript > div', HTMLElement);
    if (box !== undefined && content !== undefined) this.follower.attach(box, content);
  }

  private get state(): ChatState {
    return this.held.state;
  }

  private transcript({ runs, droppedRuns, pending, questions }: ChatState): TemplateResult {
    return html`
      ${droppedRuns === 0 ? nothing : html`<p class="muted">${t('Earlier runs are not shown. Export the session to see them all.')}</p>`}
      ${repeat(
        runs,
        (run, index) => `${run.run}-${droppedRuns + index}`,
        (run, index) =>
          html`<run-view
            .run=${run}
            .evidence=${this.state.evidence}
            .known=${this.known}
            .names=${this.naming.of(this.state)}
            .last=${index === runs.length - 1 && pending === undefined}
          ></run-view>`,
      )}
      ${questions.map((asked) => html`<question-card .asked=${asked}></question-card>`)}
      ${
        pending === undefined
          ? nothing
          : html`<article class="run">
              ${promptBubble(pending)}
              <p class="muted"><span class="shimmer">${t('Starting…')}</span></p>
            </article>`
      }
    `;
  }

  private jumpButton(): TemplateResult | typeof nothing {
    const waiting = waitingCards(this.state).length > 0;
    if (!this.follower.isAway || (waiting && this.cardInView)) return nothing;
    return jumpButton(waiting, this.follower.news, () => {
      this.follower.toEnd();
      if (waiting) void this.focusCard();
    });
  }

  private readonly receive = (message: HostMessage): void => {
    switch (message.type) {
      case 'state':
      case 'events':
        this.project(message);
        break;
      case 'context':
      case 'attached':
      case 'questions':
        this.given = withGiven(this.given, message);
        break;
      case 'connections':
        this.model = message.model;
        this.servers = message.servers;
        break;
      case 'insert-prompt':
        this.ask(message.text);
        break;
      case 'focus':
        void (message.target === 'composer' ? this.focusComposer() : this.focusCard());
        break;
      case 'notice':
        this.notice = message;
        this.announcer()?.say([{ text: message.message, urgent: message.level === 'error' }]);
        break;
      default:
      // For the card, table or composer that asked.
    }
  };

  private project(message: Extract<HostMessage, { type: 'state' | 'events' }>): void {
    const before = waitingCards(this.state);
    const next = follow(this.held, message);
    if (next === undefined) {
      post({ type: 'ready' });
      return;
    }
    noteStarts(message);
    const onCard = this.card()?.contains(document.activeElement) === true;
    const isOther = next.state.session !== this.state.session;
    this.held = next;
    if (this.notice?.duringRun === true && !isBusy(next.state)) this.notice = undefined;
    const waiting = waitingCards(next.state);
    if (message.type === 'events') this.announcer()?.say(spoken(message.events, waiting));
    // An answered card collapses to one line. Scroll to the end to show the result.
    if (isOther || before.some((id) => !waiting.includes(id)) || startsSomething(message)) this.follower.toEnd();
    if (waiting.some((id) => !before.includes(id))) void this.offerFocus();
    else if (onCard && waiting.length === 0) this.composer()?.takeFocus();
  }

  /** Focuses the card unless the user is typing, reads further up, or is in another part of VS Code. */
  private async offerFocus(): Promise<void> {
    if (this.composer()?.isWriting() !== true && document.hasFocus()) await this.focusCard();
  }

  private async focusComposer(): Promise<void> {
    (await this.drawn())?.takeFocus();
  }

  private async focusCard(): Promise<void> {
    await this.drawn();
    await this.card()?.updateComplete;
    if (this.follower.isFollowing) this.follower.show(() => this.card()?.takeFocus());
  }

  private readonly ask = (text: string): void => {
    void this.drawn().then((composer) => composer?.insert(text));
  };

  /** Messages can arrive before the first frame, and a card with the message before the one that is about it. */
  private async drawn(): Promise<ComposerBox | undefined> {
    await this.updateComplete;
    const composer = this.composer();
    await composer?.updateComplete;
    return composer;
  }

  private readonly reveal = (event: Event): void => {
    const id: unknown = event instanceof CustomEvent ? event.detail : undefined;
    if (typeof id !== 'string') return;
    const lines = [...this.querySelectorAll('tool-call')].filter((line) => line instanceof ToolCallLine);
    const line = lines.find(({ call }) => call?.evidence.includes(id) === true);
    void line?.show(id).then((table) => this.follower.show(() => table?.takeFocus()));
  };

  private readonly onOpened = ({ target }: Event): void => {
    if (!(target instanceof ToolCallLine)) return;
    this.follower.show(() => target.scrollIntoView({ block: this.fits(target) ? 'nearest' : 'start' }));
  };

  private readonly onShowPrompt = ({ target }: Event): void => {
    if (target instanceof Element) this.follower.show(() => target.scrollIntoView({ block: 'start' }));
  };

  private fits({ clientHeight }: Element): boolean {
    return clientHeight < (this.find('.transcript', HTMLElement)?.clientHeight ?? 0);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing || !isBusy(this.state)) return;
    const { target } = event;
    const isInComposer = target instanceof Node && this.composer()?.contains(target) === true;
    // A card that waits is answered, not lost by a key that was meant for something else.
    if (waitingCards(this.state).length > 0 && !isInComposer) this.card()?.takeFocus();
    else post({ type: 'stop' });
  };

  private readonly onScroll = ({ currentTarget }: Event): void => {
    if (!(currentTarget instanceof HTMLElement)) return;
    const { top, bottom } = currentTarget.getBoundingClientRect();
    const card = this.card()?.getBoundingClientRect();
    this.cardInView = card !== undefined && card.top < bottom - 40 && card.bottom > top + 40;
  };

  private card(): ApprovalCard | QuestionCard | undefined {
    return this.find('approval-card:not([hidden])', ApprovalCard) ?? this.find('question-card', QuestionCard);
  }

  private composer(): ComposerBox | undefined {
    return this.find('composer-box', ComposerBox);
  }

  private announcer(): Announcer | undefined {
    return this.find('live-announcer', Announcer);
  }
}

customElements.define('switchboard-chat', SwitchboardChat);
