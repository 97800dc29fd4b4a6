import { l10n } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import { showInvisible } from '../../agent/untrusted-text.ts';
import type { Image } from '../../agent/tools.ts';
import { maxAttachedImage, maxAttachedText, type ContextChip } from '../../chat/messages.ts';
import { plural } from '../plural.ts';

export interface PromptFilesOptions {
  readonly onChanged: (chips: readonly ContextChip[]) => void;
  /** Masks what is, or looks like, a secret. */
  readonly redact: (text: string) => string;
  /** Undefined for what is no image that models accept. */
  readonly readImage: (data: string) => Image | undefined;
}

interface GivenFile {
  readonly name: string;
  readonly kind: 'text' | 'image' | 'terminal';
  /** The text, or the image in base64. */
  readonly data: string;
  /** In bytes, if the content was left out because of it. */
  readonly size?: number;
}

/** What the user has added to the next prompt: pasted and dropped files, images, text of a terminal. */
export interface PromptFiles {
  /** Why it cannot be added, for the user; undefined if it was. */
  readonly add: (file: GivenFile) => string | undefined;
  readonly remove: (id: string) => void;
  readonly chips: () => readonly ContextChip[];
  /** Those with these ids, and forgets all. */
  readonly take: (ids: readonly string[]) => readonly { readonly chip: ContextChip; readonly attachment: Attachment }[];
}

const maxFiles = 10;
const maxNameLength = 80;

export function createPromptFiles({ onChanged, redact, readImage }: PromptFilesOptions): PromptFiles {
  const files = new Map<string, { readonly chip: ContextChip; readonly attachment: Attachment }>();
  const chips = (): readonly ContextChip[] => [...files.values()].map(({ chip }) => chip);
  let lastId = 0;
  const put = (chip: Omit<ContextChip, 'id' | 'suggested'>, attachment: Attachment): undefined => {
    lastId += 1;
    const id = `attached-${lastId}`;
    files.set(id, { chip: { ...chip, id, suggested: true }, attachment });
    onChanged(chips());
  };
  return {
    chips,
    add: ({ name: given, kind, data, size = 0 }) => {
      const name = nameOf(given);
      if (files.size >= maxFiles) return l10n.t('At most {0} files can be attached to a prompt.', maxFiles);
      if (kind !== 'image' && Math.max(data.length, size) > maxAttachedText)
        return tooLarge(name, Math.max(data.length, size));
      if (kind !== 'image' && data.trim() === '') return l10n.t('{0} is empty.', name);
      if (kind === 'image') {
        const image = data.length <= maxAttachedImage ? readImage(data) : undefined;
        if (image === undefined)
          return l10n.t(
            '{0} was not attached: images must be PNG, JPEG, GIF or WebP, at most {1} and 8,000 pixels.',
            name,
            megabytes(maxAttachedImage * 0.75),
          );
        const label = `Image ${name}`;
        return put(
          { kind: 'attachment', label: name, detail: l10n.t('Image {0}', name) },
          { label, text: '(shown above)', from: 'file', image },
        );
      }
      if (data.includes('\0')) return l10n.t('{0} was not attached: it is not text.', name);
      const text = redact(data);
      const masked = text.split('[redacted ').length - data.split('[redacted ').length;
      const shape = shapeOf(name, text);
      const label = kind === 'terminal' ? 'Text of the terminal' : `File ${name} (${shape})`;
      const warning = plural(masked, '{0} secret was masked', '{0} secrets were masked');
      const detail =
        kind === 'terminal' ? l10n.t('Text of the terminal') : l10n.t('File {0} ({1})', name, shownShape(name, text));
      const shown = { kind: kind === 'terminal' ? kind : ('attachment' as const), label: name, detail };
      return put({ ...shown, ...(masked > 0 && { warning }) }, { label, text, from: 'file' });
    },
    remove: (id) => {
      if (files.delete(id)) onChanged(chips());
    },
    take: (ids) => {
      const taken = ids.flatMap((id) => files.get(id) ?? []);
      if (files.size > 0) {
        files.clear();
        onChanged([]);
      }
      return taken;
    },
  };
}

function tooLarge(name: string, size: number): string {
  return l10n.t(
    '{0} was not attached: it has {1}, and at most {2} fit into a prompt. Attach a part of it.',
    name,
    megabytes(size),
    megabytes(maxAttachedText),
  );
}

/** A name without folders or anything that could look like another line. */
function nameOf(given: string): string {
  const name = showInvisible(given.split(/[/\\]/u).at(-1) ?? '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return name === '' ? 'pasted.txt' : name.length > maxNameLength ? `…${name.slice(-maxNameLength)}` : name;
}

/** Rows of a table, lines of any other text. */
function measure(name: string, text: string): { readonly unit: 'row' | 'line'; readonly count: number } {
  const count = text.trimEnd().split(/\r\n|\n|\r/u).length;
  return /\.(?:csv|tsv)$/iu.test(name) ? { unit: 'row', count: Math.max(0, count - 1) } : { unit: 'line', count };
}

/** For the model: `120 rows`, `1 line`. */
function shapeOf(name: string, text: string): string {
  const { unit, count } = measure(name, text);
  return `${count.toLocaleString('en-US')} ${unit}${count === 1 ? '' : 's'}`;
}

function shownShape(name: string, text: string): string {
  const { unit, count } = measure(name, text);
  return unit === 'row' ? plural(count, '{0} row', '{0} rows') : plural(count, '{0} line', '{0} lines');
}

function megabytes(size: number): string {
  return size < 1_000_000 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}
