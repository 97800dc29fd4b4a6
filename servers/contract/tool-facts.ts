import type { SystemId } from './systems.ts';

/**
 * What host and servers agree on about our tools. It is compiled into both: the host does not trust a server's own
 * description.
 */
export interface ToolFacts {
  readonly server: SystemId;
  readonly risk: 'read' | 'write' | 'destructive';
  /** Where its result comes from: measured by the system, or written by people. */
  readonly returns: 'measured' | 'written';
  /** Whether its result contains the URL of what it wrote or looked up, in a field that the server itself fills. */
  readonly givesAddress: boolean;
  /**
   * Arguments that say where it writes, starting with the one that names the place. A grant "always, to this
   * destination" pins these.
   */
  readonly destination: readonly string[];
  /** Arguments that a grant covers without naming them: they cannot change who sees it. */
  readonly harmless: readonly string[];
  /** Markdown arguments, where evidence may appear as a table. Others contain one plain line or bytes. */
  readonly markdown: readonly string[];
  /** Arguments with file content, whose bytes are kept as given. */
  readonly file: readonly string[];
  /** SQL arguments: values are bound, never pasted in. */
  readonly sql: readonly string[];
  /** What undoing it does, after "Undo": "deletes the message". Absent if it cannot be undone from here. */
  readonly undo?: string;
  /** For undoing only: a person asks for it, and the model is not offered it. */
  readonly isUndo?: true;
}

const none = { destination: [], harmless: [], markdown: [], file: [], sql: [] } as const;
const postgres = { ...none, server: 'postgres', risk: 'read', returns: 'measured', givesAddress: false } as const;
const jiraRead = { ...none, server: 'jira', risk: 'read', returns: 'written', givesAddress: false } as const;
const jiraWrite = { ...jiraRead, risk: 'write', givesAddress: true } as const;
const slackRead = { ...none, server: 'slack', risk: 'read', returns: 'written', givesAddress: false } as const;
const slackWrite = { ...slackRead, risk: 'write', givesAddress: true } as const;
const slackUndo = { ...slackWrite, risk: 'destructive', givesAddress: false, isUndo: true } as const;

export const toolFacts = {
  query_database: { ...postgres, sql: ['query'] },
  get_table_schema: postgres,
  list_tables: postgres,
  explain_query: { ...postgres, sql: ['query'] },
  get_database_health: postgres,

  search_jira_issues: jiraRead,
  get_jira_issue: { ...jiraRead, givesAddress: true },
  read_jira_attachment: jiraRead,
  get_jira_create_fields: jiraRead,
  find_jira_users: jiraRead,
  list_jira_projects: jiraRead,
  create_jira_ticket: {
    ...jiraWrite,
    destination: ['project_key'],
    harmless: ['summary', 'description', 'priority', 'issue_type'],
    markdown: ['description'],
    undo: 'deletes the ticket, or closes it',
  },
  update_jira_issue: {
    ...jiraWrite,
    risk: 'destructive',
    destination: ['issue_key'],
    harmless: ['summary', 'description', 'priority'],
    markdown: ['description'],
    undo: 'sets the old values again, where nobody has changed them since',
  },
  add_jira_comment: {
    ...jiraWrite,
    destination: ['issue_key'],
    harmless: ['body'],
    markdown: ['body'],
    undo: 'deletes the comment',
  },
  transition_jira_issue: {
    ...jiraWrite,
    destination: ['issue_key'],
    harmless: ['comment'],
    markdown: ['comment'],
    undo: 'moves it back, if the workflow has a way, and deletes its comment',
  },
  link_jira_issues: { ...jiraWrite, destination: ['from_key', 'to_key'], undo: 'removes the link' },
  attach_to_jira_issue: {
    ...jiraWrite,
    destination: ['issue_key'],
    harmless: ['filename', 'content', 'media_type'],
    file: ['content'],
    undo: 'deletes the file',
  },
  undo_jira_change: { ...jiraWrite, risk: 'destructive', destination: ['issue_key'], isUndo: true },

  list_slack_channels: slackRead,
  read_slack_channel: slackRead,
  read_slack_thread: slackRead,
  read_slack_file: slackRead,
  search_slack_messages: slackRead,
  find_slack_users: slackRead,
  post_slack_message: {
    ...slackWrite,
    destination: ['channel'],
    harmless: ['text'],
    markdown: ['text'],
    undo: 'deletes the message',
  },
  update_slack_message: {
    ...slackWrite,
    destination: ['channel', 'ts'],
    harmless: ['text'],
    markdown: ['text'],
    undo: 'sets the old text again, if it was not edited since',
  },
  delete_slack_message: { ...slackUndo, destination: ['channel', 'ts'] },
  add_slack_reaction: {
    ...slackWrite,
    destination: ['channel', 'ts'],
    harmless: ['name'],
    undo: 'removes the reaction',
  },
  pin_slack_message: {
    ...slackWrite,
    givesAddress: false,
    destination: ['channel', 'ts'],
    undo: 'puts the pin back as it was',
  },
  upload_slack_file: {
    ...slackWrite,
    destination: ['channel'],
    harmless: ['filename', 'content', 'title', 'comment'],
    markdown: ['comment'],
    file: ['content'],
    undo: 'deletes the file',
  },
  restore_slack_message: { ...slackUndo, destination: ['channel', 'ts'] },
  delete_slack_file: { ...slackUndo, destination: ['channel'] },
} as const satisfies Readonly<Record<string, ToolFacts>>;

type Table = typeof toolFacts;
export type ToolName = keyof Table;
export type ReadToolName = { [Name in ToolName]: Table[Name]['risk'] extends 'read' ? Name : never }[ToolName];
export type WriteToolName = Exclude<ToolName, ReadToolName>;

const byName: ReadonlyMap<string, ToolFacts> = new Map<string, ToolFacts>(Object.entries(toolFacts));

/** Plain names of all our tools, which a setting, a grant or a runbook may use without a server. */
export const toolNames: readonly string[] = [...byName.keys()];

/** @returns undefined for a tool that is not ours. */
export function factsOfTool(name: string): ToolFacts | undefined {
  return byName.get(name);
}

/** @returns undefined for reads and for other servers' tools. */
export function factsOfWrite(name: string): ToolFacts | undefined {
  const facts = byName.get(name);
  return facts?.risk === 'read' ? undefined : facts;
}
