import { attribute, hrefOf, inlineText, type Node } from './document.ts';

/** Names of document features that Markdown cannot express. */
export function beyondMarkdown(nodes: readonly Node[]): string[] {
  return [...specialsOf(nodes, (node) => !inMarkdown.has(node.type) && !isAlert(node)).keys()];
}

/** These have their own syntax in our Markdown. */
const inMarkdown = new Set(['media', 'mediaInline', 'mention', 'expand', 'status', 'date', 'inlineCard']);

function isAlert(node: Node): boolean {
  return (
    node.type === 'panel' && ['info', 'success', 'note', 'warning', 'error'].includes(attribute(node, 'panelType'))
  );
}

/** Counts what a document contains besides text, by name: images, mentions, panels, merged cells. */
function specialsOf(nodes: readonly Node[], isCounted = (_node: Node): boolean => true): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string | undefined): void => {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  const visit = (node: Node): void => {
    if (isCounted(node)) count(nameOf(node));
    if (node.type === 'tableCell' || node.type === 'tableHeader') for (const name of cellNames(node)) count(name);
    for (const mark of node.marks ?? []) count(markNames[mark.type]);
    for (const child of node.content ?? []) visit(child);
  };
  for (const node of nodes) visit(node);
  return counts;
}

/** Names of the features that occur more often in the first than in the second. */
export function lostSpecials(before: readonly Node[], after: readonly Node[]): string[] {
  const left = specialsOf(after);
  return [...specialsOf(before)].flatMap(([name, count]) => (count > (left.get(name) ?? 0) ? [name] : []));
}

const markNames: Readonly<Record<string, string>> = {
  textColor: 'colored text',
  backgroundColor: 'highlighted text',
  alignment: 'aligned text',
  indentation: 'indented text',
  border: 'a bordered image',
  annotation: 'an inline comment',
};

function nameOf(node: Node): string | undefined {
  switch (node.type) {
    case 'media':
    case 'mediaInline':
      return `the file ${attribute(node, 'alt') || attribute(node, 'id') || attribute(node, 'url')}`;
    case 'mention':
      return `the mention of ${attribute(node, 'text').replace(/^@/, '') || attribute(node, 'id')}`;
    case 'panel':
      return `the ${attribute(node, 'panelType')} panel “${short(textOf(node))}”`;
    case 'expand':
    case 'nestedExpand':
      return `the section “${short(attribute(node, 'title') || textOf(node))}”`;
    case 'status':
      return `the status ${attribute(node, 'text')}`;
    case 'date':
      return 'a date';
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return `the card of ${attribute(node, 'url') || 'a link'}`;
    case 'emoji':
      return attribute(node, 'id') === '' || attribute(node, 'text') !== attribute(node, 'shortName')
        ? undefined
        : `the emoji ${attribute(node, 'shortName')}`;
    case 'extension':
    case 'inlineExtension':
    case 'bodiedExtension':
      return `the macro ${attribute(node, 'extensionKey')}`;
    case 'layoutSection':
      return 'columns';
    case 'decisionList':
      return `the decision “${short(textOf(node))}”`;
    case 'placeholder':
      return 'a placeholder';
    default:
      return undefined;
  }
}

function cellNames(cell: Node): string[] {
  const isMerged = ['colspan', 'rowspan'].some((name) => Number(attribute(cell, name) || 1) > 1);
  const content = cell.content ?? [];
  const isRich = content.length > 1 || content.some(({ type }) => type !== 'paragraph');
  return [
    ...(isMerged ? ['merged cells'] : []),
    ...(attribute(cell, 'background') === '' ? [] : ['colored cells']),
    ...(isRich ? ['lists, code or paragraphs in a table cell'] : []),
  ];
}

function textOf(node: Node): string {
  const own = inlineText([node]);
  return own === '' ? hrefOf(node) : own;
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 37)}…` : line;
}
