import { html, type TemplateResult } from 'lit';
import { systems } from '../../../servers/contract/systems.ts';

/** A codicon, hidden from screen readers. Its meaning must be in nearby text or in a label. */
export function icon(name: string, extra = ''): TemplateResult {
  return html`<span class="codicon codicon-${name} ${extra}" aria-hidden="true"></span>`;
}

export function iconButton(name: string, label: string, onClick: (event: Event) => void): TemplateResult {
  return html`<button class="icon-button" title=${label} aria-label=${label} @click=${onClick}>${icon(name)}</button>`;
}

const serverIcons: ReadonlyMap<string, string> = new Map([
  ...systems.map(({ id, icon }) => [id, icon] as const),
  ['workspace', 'files'],
  ['host', 'tools'],
]);

export function serverIcon(server: string): string {
  return serverIcons.get(server) ?? 'plug';
}
