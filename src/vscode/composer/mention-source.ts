import type { Completion, Trigger } from '../../chat/mentions.ts';
import { rankedName, type RankedName } from '../../chat/rank-names.ts';

/** What a mention stands for. Others may have written it: the model gets it as data. */
export interface Fact {
  /** `Table public.orders` */
  readonly label: string;
  readonly text: string;
}

/** Something that can be mentioned. */
export interface Mention extends Completion {
  readonly name: RankedName;
  /** Undefined if there is nothing to say beyond the text of the prompt. */
  readonly fact: (signal: AbortSignal) => Promise<Fact | undefined>;
}

/** Where mentions come from. A load takes as long as it takes; what was loaded last is offered meanwhile. */
export interface MentionSource {
  readonly trigger: Trigger;
  /** Asked again after this time. */
  readonly freshMs: number;
  readonly load: (signal: AbortSignal) => Promise<readonly Mention[]>;
}

/** What can only be searched for: people, symbols. */
export interface MentionSearch {
  readonly trigger: Trigger;
  readonly search: (query: string, signal: AbortSignal) => Promise<readonly Mention[]>;
}

export function mention(shown: Completion, fact: Mention['fact'], label = shown.label): Mention {
  return { ...shown, name: rankedName(label), fact };
}

/** A fact that is known already. */
export function known(label: string, lines: readonly (string | undefined)[]): Mention['fact'] {
  const text = lines.filter((line) => line !== undefined && line !== '').join('\n');
  return () => Promise.resolve({ label, text });
}
