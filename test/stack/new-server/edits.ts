import { bundleSchema } from '../translations.ts';
import type { Names } from './names.ts';

/** A file that lists the servers, and how it gets the new one. */
interface Edit {
  readonly file: string;
  /** @throws Error if the file does not look as expected. */
  readonly apply: (text: string, names: Names) => string;
}

/** Puts text before (or after) a place that must be there exactly once. */
function insert(
  text: string,
  where: { readonly before: string } | { readonly after: string },
  addition: string,
): string {
  const anchor = 'before' in where ? where.before : where.after;
  const parts = text.split(anchor);
  const [first = '', second = ''] = parts;
  if (parts.length !== 2) throw new Error(`it should have this once: ${anchor.trim()}`);
  return 'before' in where ? `${first}${addition}${anchor}${second}` : `${first}${anchor}${addition}${second}`;
}

/** The same at the first match of a pattern. */
function insertAt(text: string, pattern: RegExp, addition: string): string {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`nothing in it matches ${pattern.source}`);
  const end = found.index + found[0].length;
  return `${text.slice(0, end)}${addition}${text.slice(end)}`;
}

/** After the last import. */
function addImport(text: string, line: string): string {
  return insertAt(text, /^import [^;]*;\n(?!import )/m, `${line}\n`);
}

const remoteSchema = {
  type: 'object',
  properties: { url: { type: 'string' }, clientId: { type: 'string' } },
  required: ['url'],
  additionalProperties: false,
};

/** Adds to the JSON of package.json, which is formatted as `JSON.stringify` does it. */
function addToManifest(text: string, { id, title }: Names): string {
  const quoted = (value: unknown, depth: number): string =>
    JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(depth)}`);
  const section = {
    title,
    properties: {
      [`switchboard.${id}.url`]: {
        type: 'string',
        default: '',
        scope: 'machine',
        description: `%setting.${id}.url%`,
      },
      [`switchboard.${id}.allowedBoards`]: {
        type: 'array',
        items: { type: 'string' },
        default: [],
        scope: 'machine',
        description: `%setting.${id}.allowedBoards%`,
      },
    },
  };
  const withRemote = insertAt(
    text,
    /"switchboard\.remote": \{\s+"type": "object",\s+"properties": \{/,
    `\n${' '.repeat(14)}"${id}": ${quoted(remoteSchema, 14)},`,
  );
  const budget = '      {\n        "title": "%settings.budget%",';
  return insert(withRemote, { before: budget }, `      ${quoted(section, 6)},\n`);
}

const texts = {
  en: {
    url: (title: string) => `URL of ${title}. Empty means not connected.`,
    boards: 'Boards that Switchboard can read and write. Leave empty to allow every board that the token allows.',
  },
  de: {
    url: (title: string) => `URL von ${title}. Leer bedeutet: nicht verbunden.`,
    boards: 'Boards, die Switchboard lesen und schreiben darf. Leer lassen, um alle zuzulassen, die das Token zulässt.',
  },
} as const;

const manifestTexts = (file: string, language: keyof typeof texts): Edit => ({
  file,
  apply: (text, { id, title }) => {
    const { url, boards } = texts[language];
    const lines = [
      `  "setting.${id}.url": ${JSON.stringify(url(title))},\n`,
      `  "setting.${id}.allowedBoards": ${JSON.stringify(boards)},\n`,
    ];
    return insert(text, { before: '  "settings.budget":' }, lines.join(''));
  },
});

/** What Set Up Connections, the tools and their previews say, for the German panel. */
const translations = (name: 'bundle' | 'core', said: (title: string) => Readonly<Record<string, string>>): Edit => ({
  file: `media/l10n/${name}.l10n.de.json`,
  apply: (text, { title }) =>
    `${JSON.stringify({ ...bundleSchema.parse(JSON.parse(text)), ...said(title) }, undefined, 2)}\n`,
});

export const edits: readonly Edit[] = [
  {
    file: 'servers/contract/systems.ts',
    apply: (text, { id, title }) => {
      const upper = id.toUpperCase();
      const row = `  ${id}: {
    title: '${title}',
    icon: 'plug',
    remote: 'SWITCHBOARD_REMOTE_${upper}',
    variables: /^${upper}_/,
    probe: 'list_${id}_items',
    places: '${upper}_ALLOWED_BOARDS',
  },
`;
      return insert(text, { before: '} as const satisfies Readonly<Record<string, SystemRow>>;' }, row);
    },
  },
  {
    file: 'servers/contract/tool-facts.ts',
    apply: (text, { id }) => {
      const rows = `
  list_${id}_items: { ...none, server: '${id}', risk: 'read', returns: 'written', givesAddress: false },
  create_${id}_item: {
    ...none,
    server: '${id}',
    risk: 'write',
    returns: 'written',
    givesAddress: true,
    destination: ['board'],
    harmless: ['title', 'text'],
    markdown: ['text'],
    undo: 'deletes the item',
  },
  delete_${id}_item: {
    ...none,
    server: '${id}',
    risk: 'destructive',
    returns: 'written',
    givesAddress: false,
    destination: ['item_id'],
    isUndo: true,
  },
`;
      return insert(text, { before: '} as const satisfies Readonly<Record<string, ToolFacts>>;' }, rows);
    },
  },
  {
    file: 'servers/contract/examples.ts',
    apply: (text, { id }) => {
      const rows = `
  list_${id}_items: { search: 'deploy' },
  create_${id}_item: { board: 'payments', title: 'Payments fail', text: '37 orders failed in the last hour.' },
  delete_${id}_item: { item_id: 'item-1' },
`;
      return insertAt(text, /(?<=\n)(?=\};\n)/, rows);
    },
  },
  {
    file: 'src/agent/undo.ts',
    apply: (text, { id }) => {
      const start = 'const waysBack: Readonly<Record<string, (result: unknown) => readonly RequestedCall[]>> = {\n';
      const row = `  create_${id}_item: (result) => {
    const { data } = z.object({ item_id: filled }).safeParse(result);
    return data === undefined ? [] : [{ plainName: 'delete_${id}_item', arguments: data }];
  },
`;
      return insert(text, { after: start }, row);
    },
  },
  {
    file: 'test/src/agent/undo.test.ts',
    apply: (text, { id }) => {
      const start = 'const results: Readonly<Record<string, readonly [result: unknown, calls: unknown]>> = {\n';
      const row = `  create_${id}_item: [
    { item_id: 'item-1', board: 'payments' },
    [{ plainName: 'delete_${id}_item', arguments: { item_id: 'item-1' } }],
  ],
`;
      return insert(text, { after: start }, row);
    },
  },
  {
    file: 'src/settings.ts',
    apply: (text, { id, title }) => {
      const imported = addImport(
        text,
        `import { ${id}Given, ${id}Secrets, ${id}Settings } from './settings/${id}.ts';`,
      );
      const settings = insert(imported, { before: '  remote: z\n' }, `  ...${id}Settings,\n`);
      const places = insertAt(settings, /\.strictObject\(\{(?=[^}]*\bslack: remoteServer\b)/, ` ${id}: remoteServer,`);
      const secrets = insertAt(
        places,
        /export const secretNames = \{\n/,
        `  ...${id}Secrets,\n  SWITCHBOARD_REMOTE_${id.toUpperCase()}_TOKEN: 'Token for a ${title} server that runs elsewhere',\n`,
      );
      return insertAt(secrets, /Object\.assign\(\s*given,(?=[^;]*postgresGiven)/, ` ${id}Given(settings, secrets),`);
    },
  },
  { file: 'package.json', apply: addToManifest },
  manifestTexts('media/l10n/package.nls.json', 'en'),
  manifestTexts('media/l10n/package.nls.de.json', 'de'),
  translations('bundle', (title) => ({
    [`URL of ${title}`]: `URL von ${title}`,
    [`API token of ${title}`]: `API-Token von ${title}`,
    'Boards to read and write, separated by commas. Leave empty for all that the token allows.':
      'Boards, die gelesen und geschrieben werden dürfen, durch Kommas getrennt. Leer lassen für alle, die das Token zulässt.',
  })),
  translations('core', (title) => ({
    [`List ${title} items`]: `Einträge von ${title} auflisten`,
    [`Create ${title} item`]: `Eintrag in ${title} erstellen`,
    [`Create an item in ${title}`]: `Eintrag in ${title} erstellen`,
    [`Delete ${title} item`]: `Eintrag in ${title} löschen`,
    [`Delete an item in ${title}`]: `Eintrag in ${title} löschen`,
    'deletes the item': 'löscht den Eintrag',
    Board: 'Board',
    Item: 'Eintrag',
  })),
  {
    file: 'src/vscode/connections/connection-definitions.ts',
    apply: (text, { id }) =>
      insertAt(
        addImport(text, `import { ${id} } from './definitions/${id}.ts';`),
        /const definitions: Readonly<Record<SystemId, Definition>> = \{/,
        ` ${id},`,
      ),
  },
  {
    file: 'test/servers/our-servers.ts',
    apply: (text, { id, title }) => {
      const upper = id.toUpperCase();
      const imported = addImport(
        text,
        `import { ${id}Variables } from '../../servers/${id}/config.ts';\nimport { tools as ${id}Tools } from '../../servers/${id}/tools/index.ts';`,
      );
      const row = `  ${id}: {
    description: '${title}: list and create items, each write previewed and made once.',
    tools: ${id}Tools,
    variables: ${id}Variables,
    settings: { ${upper}_URL: 'http://127.0.0.1:1', ${upper}_TOKEN: 'word-for-tests' },
    secrets: ['${upper}_TOKEN'],
    maxListLength: 3000,
  },
`;
      return insertAt(imported, /export const ourServers: Readonly<Record<SystemId, OurServer>> = \{\n/, row);
    },
  },
  {
    file: 'servers/deploy/chart/values.yaml',
    apply: (text, { id }) => {
      const values = `  # ${id}: off until it is turned on.
  ${id}:
    enabled: false
    env: {}
    secrets: {}
    hosts: []
    egress: []
`;
      return insertAt(text, /^servers:\n/m, values);
    },
  },
  {
    file: 'servers/deploy/chart/values.schema.json',
    apply: (text, { id }) =>
      insertAt(
        text,
        /"servers": \{\s+"type": "object",\s+"additionalProperties": false,\s+"properties": \{\n/,
        `        "${id}": { "$ref": "#/definitions/server" },\n`,
      ),
  },
  {
    file: '.vscodeignore',
    apply: (text, { id }) => insert(text, { before: '!dist/servers/vault.cjs\n' }, `!dist/servers/${id}.cjs\n`),
  },
];
