import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ApprovalRequest, Arguments, OutgoingClaim } from '../../../chat/vocabulary.ts';
import { onHostMessage, post } from '../../host.ts';

interface Edit {
  readonly requestId: string;
  readonly sha256: string;
  readonly arguments: Arguments;
}

interface Checked {
  readonly claims: readonly OutgoingClaim[];
  readonly problem: string | undefined;
}

/** Has the host check figures and references while a person types: one question at a time, the newest text last. */
export class EditChecks implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #asked: Edit | undefined;
  #next: Edit | undefined;
  #checked: (Checked & { readonly requestId: string }) | undefined;
  #stop: (() => void) | undefined;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  /** What is known: of the last edit that was checked, or of the request itself. */
  of({ id, claims = [] }: ApprovalRequest): Checked {
    return this.#checked?.requestId === id ? this.#checked : { claims, problem: undefined };
  }

  check(edit: Edit): void {
    // An answer to a card that is gone never comes.
    if (this.#asked?.requestId === edit.requestId) this.#next = edit;
    else this.#ask(edit);
  }

  hostConnected(): void {
    this.#stop = onHostMessage((message) => {
      if (message.type !== 'edit-checked' || message.requestId !== this.#asked?.requestId) return;
      this.#checked = message;
      this.#host.requestUpdate();
      const next = this.#next;
      this.#asked = undefined;
      this.#next = undefined;
      if (next !== undefined) this.#ask(next);
    });
  }

  hostDisconnected(): void {
    this.#stop?.();
  }

  #ask(edit: Edit): void {
    this.#asked = edit;
    post({ type: 'check-edit', ...edit });
  }
}
