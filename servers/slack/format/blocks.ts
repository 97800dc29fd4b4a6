/**
 * The part of Block Kit that we write (docs.slack.dev/reference/block-kit/blocks): only `rich_text`, `header`,
 * `divider`, and tables of rich text. Slack never parses their text as markup, so it cannot become a mention or a link.
 */
export interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly code?: true;
}

export interface TextInline {
  readonly type: 'text';
  readonly text: string;
  readonly style?: Style;
}

export interface LinkInline {
  readonly type: 'link';
  readonly url: string;
  readonly text?: string;
  readonly style?: Style;
}

export type MentionInline =
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'broadcast'; readonly range: 'here' | 'channel' | 'everyone' };

export type Inline =
  | TextInline
  | LinkInline
  | { readonly type: 'emoji'; readonly name: string; readonly unicode?: string }
  | MentionInline;

export interface Section {
  readonly type: 'rich_text_section';
  readonly elements: readonly Inline[];
}

export interface List {
  readonly type: 'rich_text_list';
  readonly style: 'bullet' | 'ordered';
  readonly indent: number;
  /** For an ordered list: how many numbers precede its first item. */
  readonly offset?: number;
  readonly elements: readonly Section[];
}

export interface Quote {
  readonly type: 'rich_text_quote';
  readonly elements: readonly Inline[];
}

export interface Preformatted {
  readonly type: 'rich_text_preformatted';
  readonly elements: readonly [TextInline];
}

export type Element = Section | List | Quote | Preformatted;

export interface RichText {
  readonly type: 'rich_text';
  readonly elements: readonly Element[];
}

export interface Table {
  readonly type: 'table';
  /** The first row is the header. All rows have the same number of cells. */
  readonly rows: readonly (readonly RichText[])[];
  readonly column_settings: readonly { readonly align: 'left' | 'center' | 'right'; readonly is_wrapped: true }[];
}

export type Block =
  | RichText
  | Table
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'divider' };

/** Slack's limits, with a margin where they are undocumented. */
export const limits = {
  blocks: 48, // documented 50
  /** Visible characters per message. Slack returns msg_blocks_too_long at about 13,200 (bolt-js#2509). */
  message: 10_000,
  header: 150,
  tableRows: 100,
  tableColumns: 20,
  table: 9_000, // documented 10,000
  /** Slack rejects a link element with a URL over 3,000 characters. */
  url: 3_000,
  indent: 8,
} as const;
