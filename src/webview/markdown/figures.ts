import { html, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import type { OutgoingClaim } from '../../chat/vocabulary.ts';
import { t } from '../l10n.ts';

/** What no evidence supports, and how it is corrected. */
export interface Figures {
  readonly open: readonly OutgoingClaim[];
  /** Absent where nothing can be corrected: in a card that was answered. */
  readonly correct?: ((claim: OutgoingClaim) => void) | undefined;
}

export const noFigures: Figures = { open: [] };

type Drawn = TemplateResult | string;

/** A pattern for these figures, each as a whole: 1.5 is not 1 with a rest. undefined for none. */
export function figurePattern(figures: readonly string[]): string | undefined {
  if (figures.length === 0) return undefined;
  const longestFirst = figures.toSorted((a, b) => b.length - a.length).map(escaped);
  return `(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`;
}

/** Underlines the figures. */
export function withFigures(
  text: string,
  { open, correct }: Figures,
  plain: (text: string) => readonly Drawn[] = (part) => [part],
): readonly Drawn[] {
  const pattern = figurePattern(open.map((claim) => claim.text));
  if (pattern === undefined) return plain(text);
  return text.split(new RegExp(`(${pattern})`, 'u')).flatMap((part, at) => {
    const claim = at % 2 === 0 ? undefined : open.find((each) => each.text === part);
    return claim === undefined ? plain(part) : [figure(claim, correct)];
  });
}

function figure(claim: OutgoingClaim, correct: Figures['correct']): TemplateResult {
  const words = openWords(claim);
  if (claim.suggestion === undefined || correct === undefined) {
    return html`<span class="open-figure" title=${words}
      >${claim.text}<span class="hidden"> ${t('(no evidence)')}</span></span
    >`;
  }
  const label = `${claim.text}: ${words} ${t('Correct it to {0}.', claim.suggestion.text)}`;
  // Keyed, because the same place may hold another figure after a correction.
  return html`${keyed(
    claim.text,
    html`<button
      class="open-figure"
      title=${`${words} ${t('Click to correct it to {0}.', claim.suggestion.text)}`}
      aria-label=${label}
      @click=${() => {
        correct(claim);
      }}
    >
      ${claim.text}
    </button>`,
  )}`;
}

/** "No evidence supports 74. E4[0].failed says 47." */
export function openWords({ text, suggestion }: OutgoingClaim): string {
  const none = t('No evidence supports {0}.', text);
  return suggestion === undefined ? none : `${none} ${t('{0} says {1}.', suggestion.source, suggestion.text)}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/gu, String.raw`\$&`);
}
