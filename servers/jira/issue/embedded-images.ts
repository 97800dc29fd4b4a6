import type { AdfDocument, Node } from '../adf/document.ts';
import type { ConvertedText, JiraApi, RichValue } from '../client/jira-api.ts';
import type { Attachment } from '../client/response-schemas.ts';
import { findAttachment } from './attachments.ts';

/** A line with only an image: `![alt](screen.png)`, in angle brackets if the name contains spaces. */
const imageLine = /^ {0,3}!\[([^\]\n]*)\]\((?:<([^<>\n]+)>|([^\s()<>]+))\)[ \t]*$/;

interface Placed {
  readonly token: string;
  readonly image: Node | string;
}

/** Whether the attachments must be loaded. */
export function showsImage(markdown: string): boolean {
  return markdown.split('\n').some((line) => imageLine.test(line));
}

/**
 * Like `convert`, but an image on its own line that has the name of an attached image is embedded. Any other image
 * stays a link.
 */
export async function convertWithImages(
  markdown: string,
  attachments: readonly Attachment[],
  api: JiraApi,
  convert: (markdown: string) => ConvertedText,
): Promise<ConvertedText> {
  const placed: Placed[] = [];
  const warnings: string[] = [];
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    fence = fenceAfter(line, fence);
    const [, alt = '', spaced, plain] = (fence === undefined ? imageLine.exec(line) : null) ?? [];
    const found = picture(spaced ?? plain, attachments);
    const image = found === undefined ? undefined : await api.imageOf(found, alt || found.filename);
    if (found !== undefined && image === undefined)
      warnings.push(`${found.filename} cannot be embedded and stays a link.`);
    if (image === undefined) lines.push(line);
    else {
      // A unique placeholder in its own paragraph, replaced after conversion.
      const token = `swbimage${placed.length}x${markdown.length}`;
      placed.push({ token, image });
      lines.push('', token, '');
    }
  }
  if (placed.length === 0) {
    const text = convert(markdown);
    return warnings.length === 0 ? text : { ...text, warnings: [...text.warnings, ...warnings] };
  }
  const text = convert(lines.join('\n'));
  return { ...text, value: place(text.value, placed), warnings: [...text.warnings, ...warnings] };
}

/** The code fence that is open after a line. Code blocks are shown literally. */
function fenceAfter(line: string, open: string | undefined): string | undefined {
  const marks = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
  if (marks?.[1] === undefined) return open;
  if (open === undefined) return marks[1];
  const closes = marks[1].startsWith(open) && marks[2]?.trim() === '';
  return closes ? undefined : open;
}

function picture(name: string | undefined, attachments: readonly Attachment[]): Attachment | undefined {
  if (name === undefined) return undefined;
  const found = findAttachment(attachments, name) ?? findAttachment(attachments, decoded(name));
  return found?.mimeType.startsWith('image/') === true ? found : undefined;
}

/** In links, spaces are encoded: "screen%20shot.png". */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // a literal percent sign
  }
}

function place(value: RichValue, placed: readonly Placed[]): RichValue {
  if (typeof value === 'string')
    return placed.reduce(
      (text, { token, image }) => text.replace(token, () => (typeof image === 'string' ? image : token)),
      value,
    );
  const shown = (node: Node): Node => {
    const [only, ...others] = node.content ?? [];
    const found = placed.find(({ token }) => only?.type === 'text' && only.text === token);
    return found === undefined || others.length > 0 || typeof found.image === 'string' ? node : found.image;
  };
  const document: AdfDocument = { ...value, content: value.content.map(shown) };
  return document;
}
