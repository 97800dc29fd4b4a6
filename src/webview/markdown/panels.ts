import type { MarkdownNode } from './tree.ts';
import { t } from '../l10n.ts';

/** Jira's panels, by the words that Markdown has for them. */
const kinds: ReadonlyMap<string, PanelKind> = new Map([
  ['NOTE', 'info'],
  ['INFO', 'info'],
  ['TIP', 'success'],
  ['SUCCESS', 'success'],
  ['IMPORTANT', 'note'],
  ['WARNING', 'warning'],
  ['CAUTION', 'error'],
  ['ERROR', 'error'],
]);

type PanelKind = 'info' | 'success' | 'note' | 'warning' | 'error';

export const panelIcons: Readonly<Record<PanelKind, string>> = {
  info: 'info',
  success: 'pass',
  note: 'note',
  warning: 'warning',
  error: 'error',
};

const labels: Readonly<Record<PanelKind, string>> = {
  info: t('Information'),
  success: t('Success'),
  note: t('Note'),
  warning: t('Warning'),
  error: t('Error'),
};

interface Panel {
  readonly kind: PanelKind;
  readonly label: string;
  /** Without the line that says which panel it is. */
  readonly children: readonly MarkdownNode[];
}

/** A quote that starts with `[!WARNING]` on a line of its own. undefined for any other. */
export function panelOf({ children }: MarkdownNode): Panel | undefined {
  const [first, ...rest] = children;
  const [inline] = first?.token.type === 'paragraph_open' ? first.children : [];
  const [mark, ...more] = inline?.children ?? [];
  const word = mark?.token.type === 'text' ? /^\[!([A-Z]+)\]$/u.exec(mark.token.content.trim())?.[1] : undefined;
  const kind = word === undefined ? undefined : kinds.get(word);
  const [end, ...text] = more;
  if (first === undefined || inline === undefined || kind === undefined) return undefined;
  if (end !== undefined && end.token.type !== 'softbreak' && end.token.type !== 'hardbreak') return undefined;
  const left = text.length === 0 ? [] : [{ ...first, children: [{ ...inline, children: text }] }];
  return { kind, label: labels[kind], children: [...left, ...rest] };
}
