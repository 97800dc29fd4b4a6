import { dateText, groupText, isRecord, lines, listOf, readableText, stringOf, type Names } from './read-markup.ts';

/** The visible content of a Block Kit block; undefined for an unknown type. */
export function blockText(block: Record<string, unknown>, names: Names): string | undefined {
  switch (block['type']) {
    case 'divider':
      return '———';
    case 'rich_text':
      return listOf(block['elements'])
        .map((element) => richText(element, names))
        .join('\n');
    case 'table':
    case 'data_table':
      return rowsOf(block['rows'])
        .map((row) => row.map((cell) => cellText(cell, names)).join(' | '))
        .join('\n');
    case 'header':
      return textObject(block['text'], names);
    case 'markdown':
      return stringOf(block['text']);
    case 'section': {
      const texts = [block['text'], ...listOf(block['fields'])].map((text) => textObject(text, names));
      return lines([...texts, elementText(block['accessory'], names)]);
    }
    case 'context':
      return listOf(block['elements'])
        .map((item) => textObject(item, names))
        .join(' ');
    case 'actions':
    case 'context_actions':
      return listOf(block['elements'])
        .map((element) => elementText(element, names))
        .filter((label) => label !== '')
        .join(' ');
    case 'input':
      return lines([textObject(block['label'], names), elementText(block['element'], names)]);
    case 'image':
      return `[image: ${textObject(block['title'], names) || stringOf(block['alt_text'])}]`;
    case 'video': {
      const title = textObject(block['title'], names) || stringOf(block['alt_text']);
      const url = stringOf(block['title_url']) || stringOf(block['video_url']);
      return lines([`[video: ${title}${url === '' ? '' : ` ${url}`}]`, textObject(block['description'], names)]);
    }
    default:
      return undefined;
  }
}

/** A button, a menu, or an image beside text. */
function elementText(element: unknown, names: Names): string {
  if (!isRecord(element)) return '';
  const options = [...listOf(element['options']), ...listOf(element['option_groups']).flatMap(optionsOf)];
  switch (element['type']) {
    case 'image':
      return `[image: ${stringOf(element['alt_text'])}]`;
    case 'overflow':
    case 'checkboxes':
    case 'radio_buttons':
      return options
        .map(buttonText)
        .filter((label) => label !== '')
        .join(' ');
    default:
      return buttonText(element) || bracketed(textObject(element['placeholder'], names));
  }
}

function optionsOf(group: unknown): readonly unknown[] {
  return isRecord(group) ? listOf(group['options']) : [];
}

function bracketed(text: string): string {
  return text === '' ? '' : `[${text}]`;
}

function cellText(cell: unknown, names: Names): string {
  if (!isRecord(cell)) return '';
  if (cell['type'] === 'rich_text') return (blockText(cell, names) ?? '').trim();
  return (stringOf(cell['text']) || (typeof cell['value'] === 'number' ? String(cell['value']) : '')).trim();
}

/** A button and its URL, if any. Also handles the legacy format, whose text is not an object. */
export function buttonText(element: unknown): string {
  if (!isRecord(element)) return '';
  const label = isRecord(element['text']) ? stringOf(element['text']['text']) : stringOf(element['text']);
  const url = stringOf(element['url']);
  return label === '' ? '' : `[${label}${url === '' ? '' : `: ${url}`}]`;
}

function richText(element: unknown, names: Names): string {
  if (!isRecord(element)) return '';
  const parts = listOf(element['elements']);
  if (element['type'] !== 'rich_text_list') return parts.map((part) => inlineText(part, names)).join('');
  const indent = '  '.repeat(Number(element['indent'] ?? 0));
  const first = Number(element['offset'] ?? 0) + 1;
  return parts
    .map(
      (item, index) =>
        `${indent}${element['style'] === 'ordered' ? `${first + index}.` : '•'} ${richText(item, names)}`,
    )
    .join('\n');
}

function inlineText(part: unknown, names: Names): string {
  if (!isRecord(part)) return '';
  const text = stringOf(part['text']);
  const id = (name: string): string => stringOf(part[name]);
  switch (part['type']) {
    case 'link': {
      const url = id('url');
      return text === '' || text === url ? url : `${text} (${url})`;
    }
    case 'emoji':
      return `:${id('name')}:`;
    case 'user':
      return `@${names.get(id('user_id')) ?? id('user_id')}`;
    case 'usergroup':
      return groupText(id('usergroup_id'), undefined, names);
    case 'broadcast':
      return `@${id('range')}`;
    case 'channel':
      return `#${names.get(id('channel_id')) ?? id('channel_id')}`;
    case 'date': {
      const timestamp = part['timestamp'];
      const seconds = typeof timestamp === 'number' ? String(timestamp) : stringOf(timestamp);
      return dateText(seconds, id('fallback') || undefined, id('url'));
    }
    case 'color':
      return id('value');
    default:
      return text;
  }
}

function textObject(value: unknown, names: Names): string {
  if (!isRecord(value)) return '';
  const text = stringOf(value['text']) || stringOf(value['alt_text']);
  return value['type'] === 'mrkdwn' ? readableText(text, names) : text;
}

const rowsOf = (value: unknown): readonly (readonly unknown[])[] => listOf(value).map(listOf);
