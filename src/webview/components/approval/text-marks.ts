import { html, type TemplateResult } from 'lit';
import type { OutgoingClaim } from '../../../chat/vocabulary.ts';
import { figurePattern } from '../../markdown/figures.ts';

/** A reference to evidence, as the host reads it. */
const reference = /\{\{ {0,4}E\d[^{}]{0,300}\}\}/u;

/**
 * The text again, to lie behind the editor: references as chips, figures that no evidence supports underlined. It must
 * break its lines exactly where the editor does, so nothing here takes room of its own.
 */
export function textMarks(text: string, claims: readonly OutgoingClaim[]): TemplateResult {
  const open = claims.flatMap(({ text: figure, supportedBy }) => (supportedBy === undefined ? [figure] : []));
  const figures = figurePattern(open);
  const marks = new RegExp(`(${reference.source}${figures === undefined ? '' : `|${figures}`})`, 'u');
  // The line break keeps the height of an empty last line.
  return html`<div class="text-marks" aria-hidden="true">
    ${text
      .split(marks)
      .map((part, at) =>
        at % 2 === 0 ? part : html`<span class=${reference.test(part) ? 'chip-mark' : 'open-figure'}>${part}</span>`,
      )}${'\n'}
  </div>`;
}
