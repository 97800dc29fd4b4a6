/** Text that is HTML already. Everything else is escaped when it is placed. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Placed = string | number | undefined | Markup | readonly Markup[];

/** HTML with everything placed in it escaped, in text and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly Placed[]): Markup {
  return new Markup(parts.map((part, index) => part + (index < values.length ? place(values[index]) : '')).join(''));
}

function place(value: Placed): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(({ text }) => text).join('');
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"'`]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
