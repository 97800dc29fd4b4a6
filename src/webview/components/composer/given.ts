import type { ContextChip, HostMessage } from '../../../chat/messages.ts';

/** What the host gives the composer to work with. */
export interface Given {
  /** Context of the editor, which can be attached. */
  readonly chips: readonly ContextChip[];
  /** Files and texts that the user has added. */
  readonly attached: readonly ContextChip[];
  /** About the connected database, to begin with. Empty until it has answered. */
  readonly questions: readonly string[];
}

export const nothingGiven: Given = { chips: [], attached: [], questions: [] };

type GivenMessage = Extract<HostMessage, { type: 'context' | 'attached' | 'questions' }>;

export function withGiven(given: Given, message: GivenMessage): Given {
  switch (message.type) {
    case 'context':
      return { ...given, chips: message.chips };
    case 'attached':
      return { ...given, attached: message.chips };
    case 'questions':
      return { ...given, questions: message.questions };
  }
}
