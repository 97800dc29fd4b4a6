import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { HostMessage } from '../../../chat/messages.ts';
import { complete, mentionAt, mentions, type Completion, type TypedMention } from '../../../chat/mentions.ts';
import { onHostMessage, post } from '../../host.ts';
import { plural, t } from '../../l10n.ts';

type Completions = Extract<HostMessage, { type: 'completions' }>;

/** The suggestions for the name at the caret. The host knows the names; this knows what is typed and which is chosen. */
export class Completer implements ReactiveController {
  #typed: TypedMention | undefined;
  #answer: Completions | undefined;
  #active = 0;
  /** The user chose the active one, so that better ones that come later do not take its place. */
  #isChosen = false;
  /** Escape closes the list until another name is begun. */
  #dismissed: number | undefined;
  /** What was accepted, by the text that was inserted. */
  readonly #accepted = new Map<string, string>();
  readonly #host: ReactiveControllerHost;
  #stop: (() => void) | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#stop = onHostMessage((message) => {
      if (message.type !== 'completions' || message.trigger !== this.#typed?.trigger) return;
      if (message.query !== this.#typed.query) return;
      const active = this.#isChosen ? this.active?.id : undefined;
      this.#answer = message;
      this.#active = Math.max(
        0,
        message.items.findIndex(({ id }) => id === active),
      );
      this.#host.requestUpdate();
    });
  }

  hostDisconnected(): void {
    this.#stop?.();
  }

  get items(): readonly Completion[] {
    return this.#typed === undefined ? [] : (this.#answer?.items ?? []);
  }

  get active(): Completion | undefined {
    return this.items[this.#active];
  }

  get isOpen(): boolean {
    return this.items.length > 0;
  }

  /** What a screen reader hears. */
  get status(): string {
    if (this.#typed === undefined || this.#answer === undefined) return '';
    const { length } = this.#answer.items;
    if (length === 0) return this.#answer.loading ? '' : t('No suggestions');
    return plural(length, '{0} suggestion', '{0} suggestions');
  }

  /** After each change of the text or the caret. */
  follow(text: string, caret: number): void {
    const typed = mentionAt(text, caret);
    const before = this.#typed;
    if (typed?.start !== this.#dismissed) this.#dismissed = undefined;
    const isShown = typed !== undefined && this.#dismissed === undefined;
    this.#typed = isShown ? typed : undefined;
    if (!isShown || typed.trigger !== before?.trigger || typed.start !== before.start) {
      this.#answer = undefined;
      this.#active = 0;
      this.#isChosen = false;
    }
    if (isShown && (typed.trigger !== before?.trigger || typed.query !== before.query || this.#answer === undefined))
      post({ type: 'complete', trigger: typed.trigger, query: typed.query });
    this.#host.requestUpdate();
  }

  move(by: number): void {
    const { length } = this.items;
    this.#isChosen = true;
    this.#active = (this.#active + by + length) % length;
    this.#host.requestUpdate();
  }

  close(): void {
    this.#dismissed = this.#typed?.start;
    this.#typed = undefined;
    this.#host.requestUpdate();
  }

  /** Takes the name that was typed in full. False if there is more of it to complete. */
  acceptTyped(): boolean {
    const typed = this.#typed === undefined ? '' : `${this.#typed.trigger}${this.#typed.query}`;
    const named = this.items.find(({ insert }) => insert === typed);
    if (named === undefined || (this.#isChosen && named !== this.active)) return false;
    this.#accepted.set(named.insert, named.id);
    this.close();
    return true;
  }

  /** The text with this suggestion in it, and where the caret belongs. */
  accept(text: string, chosen: Completion): { readonly text: string; readonly caret: number } | undefined {
    const typed = this.#typed;
    if (typed === undefined) return undefined;
    this.#accepted.set(chosen.insert, chosen.id);
    this.#typed = undefined;
    return complete(text, typed, chosen.insert);
  }

  /** Ids of what the text still mentions, and forgets them. */
  take(text: string): readonly string[] {
    const ids = [...this.#accepted].flatMap(([insert, id]) => (mentions(text, insert) ? [id] : []));
    this.#accepted.clear();
    return ids.slice(0, 50);
  }
}
