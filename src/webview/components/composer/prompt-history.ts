import type { ChatState } from '../../../chat/chat-state.ts';

/** Steps through earlier prompts. What was being written is the newest, and is not lost. */
export class PromptHistory {
  #place = 0;
  #draft = '';

  /** The prompt before the one that is shown; undefined if there is none. */
  back(prompts: readonly string[], shown: string): string | undefined {
    if (this.#place >= prompts.length) return undefined;
    if (this.#place === 0) this.#draft = shown;
    this.#place += 1;
    return prompts.at(-this.#place);
  }

  forward(prompts: readonly string[]): string | undefined {
    if (this.#place === 0) return undefined;
    this.#place -= 1;
    return this.#place === 0 ? this.#draft : prompts.at(-this.#place);
  }

  /** After anything was typed or sent. */
  reset(): void {
    this.#place = 0;
  }
}

/** What the user has asked, without repeats in a row. */
export function promptsOf({ runs, pending }: ChatState): readonly string[] {
  const all = runs.filter(({ resumed, runbook }) => !resumed && runbook === undefined).map(({ prompt }) => prompt);
  if (pending !== undefined && !pending.resumed) all.push(pending.text);
  return all.filter((prompt, index) => prompt !== all[index + 1]);
}
