import { html, nothing, type TemplateResult } from 'lit';
import type { CallView } from '../../../chat/chat-state.ts';
import { showReordering } from '../../format/invisible.ts';
import { argumentText } from '../../format/value.ts';
import { post } from '../../host.ts';
import { codeBlock } from '../code-block.ts';
import { iconButton } from '../icons.ts';
import { t } from '../../l10n.ts';

/** Languages of the arguments that contain code. */
const languages: ReadonlyMap<string, string> = new Map([
  ['query', 'sql'],
  ['sql', 'sql'],
  ['jql', 'sql'],
]);

/** The arguments of a call, as approved if approval was needed. Code is highlighted, the rest is a list of values. */
export function argumentList({ callId, arguments: proposed, request }: CallView): TemplateResult {
  const entries = Object.entries(request?.arguments ?? proposed);
  const code = entries.filter(([name]) => languages.has(name));
  const others = entries.filter(([name]) => !languages.has(name));
  return html`
    ${code.map(([name, value]) =>
      codeBlock(shown(value) ?? '', {
        language: languages.get(name) ?? '',
        actions: name === 'jql' ? undefined : openQuery(callId),
      }),
    )}
    ${
      others.length === 0
        ? nothing
        : html`<dl class="arguments">
            ${others.map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd dir="auto">${shown(value) ?? html`<i class="muted">null</i>`}</dd>`,
            )}
          </dl>`
    }
  `;
}

function shown(value: unknown): string | undefined {
  const text = argumentText(value);
  return text === undefined ? undefined : showReordering(text);
}

function openQuery(callId: string): TemplateResult {
  return iconButton('go-to-file', t('Open query in editor'), () => {
    post({ type: 'open-query', callId });
  });
}
