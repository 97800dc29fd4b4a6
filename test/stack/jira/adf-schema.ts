// The published structure of the Atlassian Document Format (developer.atlassian.com, "ADF structure"), written down by
// hand, so that the product's documents are not checked by the product's own code.

interface NodeRule {
  /** Names of the child nodes allowed; undefined: a leaf that has no `content` at all. */
  readonly content?: readonly string[];
  /** Most node types require at least one child. */
  readonly minimum?: number;
  /** Stricter rule for the first child, if any. */
  readonly first?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeRule>>;
  readonly marks?: readonly string[];
}

interface AttributeRule {
  readonly required?: boolean;
  readonly check: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isInteger = (minimum: number, maximum: number) => (value: unknown) =>
  Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
const isOneOf =
  (...allowed: readonly unknown[]) =>
  (value: unknown) =>
    allowed.includes(value);
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const needed = (check: AttributeRule['check']): AttributeRule => ({ required: true, check });
const may = (check: AttributeRule['check']): AttributeRule => ({ check });

const inline = [
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'date',
  'inlineCard',
  'status',
  'mediaInline',
  'placeholder',
  'inlineExtension',
];
const lists = ['bulletList', 'orderedList'];
const media = ['mediaSingle', 'mediaGroup'];
const extensions = ['extension', 'bodiedExtension'];
const top = [
  'paragraph',
  'heading',
  'codeBlock',
  'blockquote',
  'panel',
  'rule',
  'table',
  'taskList',
  'decisionList',
  'blockCard',
  'embedCard',
  'expand',
  ...lists,
  ...media,
  ...extensions,
];
const cell: NodeRule = {
  content: [
    'paragraph',
    'panel',
    'blockquote',
    'rule',
    'heading',
    'codeBlock',
    'taskList',
    'decisionList',
    'nestedExpand',
    'blockCard',
    'embedCard',
    'extension',
    ...lists,
    ...media,
  ],
  minimum: 1,
  attributes: {
    background: may(isText),
    colspan: may(isInteger(1, 1000)),
    rowspan: may(isInteger(1, 1000)),
    colwidth: may(Array.isArray),
  },
};

const nodeRules: Readonly<Record<string, NodeRule>> = {
  doc: { content: top, attributes: {} },
  paragraph: { content: inline, minimum: 0, attributes: { localId: may(isText) } },
  heading: { content: inline, minimum: 0, attributes: { level: needed(isInteger(1, 6)), localId: may(isText) } },
  codeBlock: {
    content: ['text'],
    minimum: 0,
    marks: [],
    attributes: { language: may(isText), uniqueId: may(isText), localId: may(isText) },
  },
  blockquote: {
    content: ['paragraph', 'codeBlock', 'extension', ...lists, ...media],
    minimum: 1,
    attributes: { localId: may(isText) },
  },
  bulletList: { content: ['listItem'], minimum: 1, attributes: { localId: may(isText) } },
  orderedList: {
    content: ['listItem'],
    minimum: 1,
    attributes: { order: may(isInteger(0, 2 ** 31)), localId: may(isText) },
  },
  listItem: {
    content: ['paragraph', 'mediaSingle', 'codeBlock', 'extension', ...lists],
    first: ['paragraph', 'mediaSingle', 'codeBlock', 'extension'],
    minimum: 1,
    attributes: { localId: may(isText) },
  },
  taskList: {
    content: ['taskItem', 'taskList'],
    first: ['taskItem'],
    minimum: 1,
    attributes: { localId: needed(isText) },
  },
  taskItem: {
    content: inline,
    minimum: 0,
    attributes: { localId: needed(isText), state: needed(isOneOf('TODO', 'DONE')) },
  },
  decisionList: { content: ['decisionItem'], minimum: 1, attributes: { localId: needed(isText) } },
  decisionItem: { content: inline, minimum: 0, attributes: { localId: needed(isText), state: needed(isText) } },
  panel: {
    content: [
      'paragraph',
      'heading',
      'blockCard',
      'codeBlock',
      'taskList',
      'decisionList',
      'rule',
      'extension',
      ...lists,
      ...media,
    ],
    minimum: 1,
    attributes: {
      panelType: needed(isOneOf('info', 'note', 'tip', 'warning', 'error', 'success', 'custom')),
      panelIcon: may(isText),
      panelIconId: may(isText),
      panelIconText: may(isText),
      panelColor: may(isText),
      localId: may(isText),
    },
  },
  rule: { attributes: { localId: may(isText) } },
  table: {
    content: ['tableRow'],
    minimum: 1,
    attributes: {
      isNumberColumnEnabled: may(isFlag),
      layout: may(isOneOf('default', 'wide', 'full-width', 'center', 'align-start', 'align-end')),
      displayMode: may(isOneOf('default', 'fixed')),
      width: may((value) => typeof value === 'number'),
      localId: may(isFilled),
    },
  },
  tableRow: { content: ['tableCell', 'tableHeader'], minimum: 0, attributes: { localId: may(isText) } },
  tableCell: cell,
  tableHeader: cell,
  expand: { content: top, minimum: 1, attributes: { title: may(isText), localId: may(isText) } },
  nestedExpand: {
    content: ['paragraph', 'heading', ...lists, ...media],
    minimum: 1,
    attributes: { title: may(isText), localId: may(isText) },
  },
  hardBreak: { attributes: { text: may(isOneOf('\n')), localId: may(isText) } },
  mention: {
    attributes: {
      id: needed(isText),
      text: may(isText),
      localId: may(isText),
      accessLevel: may(isText),
      userType: may(isOneOf('DEFAULT', 'SPECIAL', 'APP')),
    },
  },
  emoji: { attributes: { shortName: needed(isText), id: may(isText), text: may(isText), localId: may(isText) } },
  date: { attributes: { timestamp: needed(isFilled), localId: may(isText) } },
  status: {
    attributes: {
      text: needed(isFilled),
      color: needed(isOneOf('neutral', 'purple', 'blue', 'red', 'yellow', 'green')),
      localId: may(isText),
      style: may(isText),
    },
  },
  inlineCard: { attributes: { url: may(isFilled), data: may(() => true), localId: may(isText) } },
  mediaSingle: {
    content: ['media', 'caption'],
    minimum: 1,
    attributes: { layout: may(isText), width: may(() => true) },
  },
  mediaGroup: { content: ['media'], minimum: 1, attributes: {} },
  media: {
    attributes: {
      type: needed(isOneOf('file', 'link', 'external')),
      id: may(isText),
      collection: may(isText),
      url: may(isText),
      alt: may(isText),
      width: may(() => true),
      height: may(() => true),
      localId: may(isText),
    },
  },
  extension: {
    attributes: {
      extensionKey: needed(isFilled),
      extensionType: needed(isFilled),
      parameters: may(() => true),
      text: may(isText),
      layout: may(isText),
      localId: may(isText),
    },
  },
};

const markRules: Readonly<Record<string, Readonly<Record<string, AttributeRule>>>> = {
  strong: {},
  em: {},
  code: {},
  strike: {},
  underline: {},
  link: { href: needed(isText), title: may(isText), id: may(isText), collection: may(isText) },
  subsup: { type: needed(isOneOf('sub', 'sup')) },
  textColor: { color: needed((value) => typeof value === 'string' && /^#[0-9a-f]{6}$/i.test(value)) },
};

/** Marks that a text node may have besides `code`. */
const besideCode = new Set(['code', 'link', 'annotation']);

/**
 * Checks a document against the published structure.
 * @returns the first faults found, each with the path to it; empty for a valid document.
 */
export function adfFaults(document: unknown): string[] {
  if (!isObject(document)) return ['the document is not an object'];
  const faults: string[] = [];
  if (document['version'] !== 1) faults.push('doc: version must be 1');
  if (document['type'] !== 'doc') faults.push(`doc: type must be "doc", is ${JSON.stringify(document['type'])}`);
  const { version: _, ...rest } = document;
  checkNode(rest, 'doc', undefined, faults);
  return faults.slice(0, 10);
}

function checkNode(node: Record<string, unknown>, path: string, parent: string | undefined, faults: string[]): void {
  const type = String(node['type']);
  if (type === 'text') return checkText(node, path, parent, faults);
  const rule = nodeRules[type];
  if (rule === undefined) return void faults.push(`${path}: there is no node ${type}`);
  for (const key of Object.keys(node))
    if (!['type', 'content', 'attrs', 'marks'].includes(key)) faults.push(`${path}: unknown property ${key}`);
  checkAttributes(node['attrs'], rule.attributes ?? {}, path, faults);
  if (node['marks'] !== undefined && !(Array.isArray(node['marks']) && node['marks'].length === 0))
    faults.push(`${path}: ${type} takes no marks here`);
  checkContent(node, type, rule, path, faults);
}

function checkContent(
  node: Record<string, unknown>,
  type: string,
  rule: NodeRule,
  path: string,
  faults: string[],
): void {
  const content = node['content'];
  if (rule.content === undefined) {
    if (content !== undefined) faults.push(`${path}: ${type} has no content`);
    return;
  }
  if (content === undefined) {
    if (type === 'doc' || (rule.minimum ?? 0) > 0) faults.push(`${path}: ${type} needs content`);
    return;
  }
  if (!Array.isArray(content)) return void faults.push(`${path}: content is not an array`);
  if (content.length < (rule.minimum ?? 0)) faults.push(`${path}: ${type} needs at least ${rule.minimum} child`);
  for (const [index, child] of content.entries()) {
    const childPath = `${path}.${index}`;
    if (!isObject(child)) {
      faults.push(`${childPath}: not a node`);
      continue;
    }
    const allowed = index === 0 ? (rule.first ?? rule.content) : rule.content;
    if (!allowed.includes(String(child['type'])))
      faults.push(`${childPath}: ${String(child['type'])} not allowed in ${type}`);
    checkNode(child, `${childPath} ${String(child['type'])}`, type, faults);
  }
}

function checkText(node: Record<string, unknown>, path: string, parent: string | undefined, faults: string[]): void {
  if (!isFilled(node['text'])) faults.push(`${path}: text must not be empty`);
  for (const key of Object.keys(node))
    if (!['type', 'text', 'marks'].includes(key)) faults.push(`${path}: unknown property ${key}`);
  const marks = node['marks'];
  if (marks === undefined) return;
  if (!Array.isArray(marks)) return void faults.push(`${path}: marks is not an array`);
  if (parent === 'codeBlock' && marks.length > 0) faults.push(`${path}: no marks in a code block`);
  const names = marks.map((mark) => (isObject(mark) ? String(mark['type']) : '?'));
  if (new Set(names).size !== names.length) faults.push(`${path}: a mark is given twice`);
  if (names.includes('code') && names.some((name) => !besideCode.has(name)))
    faults.push(`${path}: code does not go with ${names.filter((name) => !besideCode.has(name)).join(', ')}`);
  for (const mark of marks) {
    if (!isObject(mark)) continue;
    const rules = markRules[String(mark['type'])];
    if (rules === undefined) faults.push(`${path}: there is no mark ${String(mark['type'])}`);
    else checkAttributes(mark['attrs'], rules, path, faults);
  }
}

function checkAttributes(
  attributes: unknown,
  rules: Readonly<Record<string, AttributeRule>>,
  path: string,
  faults: string[],
): void {
  if (attributes !== undefined && !isObject(attributes)) return void faults.push(`${path}: attrs is not an object`);
  const given = isObject(attributes) ? attributes : {};
  for (const [name, rule] of Object.entries(rules)) {
    if (given[name] === undefined) {
      if (rule.required === true) faults.push(`${path}: attribute ${name} is missing`);
    } else if (!rule.check(given[name])) faults.push(`${path}: attribute ${name} is ${JSON.stringify(given[name])}`);
  }
  for (const name of Object.keys(given))
    if (rules[name] === undefined) faults.push(`${path}: unknown attribute ${name}`);
}

/** The text of a document as a reader sees it: one line per block, separated cells. */
export function adfText(node: unknown): string {
  if (!isObject(node)) return '';
  const attributes = isObject(node['attrs']) ? node['attrs'] : {};
  switch (node['type']) {
    case 'text':
      return String(node['text']);
    case 'hardBreak':
      return '\n';
    case 'emoji':
    case 'mention':
      return String(attributes['text'] ?? attributes['shortName'] ?? attributes['id']);
    default: {
      const parts = Array.isArray(node['content']) ? node['content'].map(adfText) : [];
      const isInlineParent = ['paragraph', 'heading', 'codeBlock', 'taskItem', 'decisionItem'].includes(
        String(node['type']),
      );
      return parts.join(isInlineParent ? '' : '\n');
    }
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
