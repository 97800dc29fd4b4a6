/** What the policy and the evidence know of a write tool of ours, beyond what its server says. */
export interface WriteFacts {
  /** Arguments that say where it goes. A grant "always, to this destination" pins these. */
  readonly destination: readonly string[];
  /** A grant covers these without naming them: they cannot change who is reached. */
  readonly harmless: readonly string[];
  /** Markdown arguments: evidence may stand there as a table. The others hold one plain line or bytes. */
  readonly markdown: readonly string[];
  /** Arguments that take a whole file. */
  readonly file: readonly string[];
}

const issueText = { harmless: ['summary', 'description', 'priority'], markdown: ['description'], file: [] };

const writes = {
  create_jira_ticket: { ...issueText, destination: ['project_key'], harmless: [...issueText.harmless, 'issue_type'] },
  update_jira_issue: { ...issueText, destination: ['issue_key'] },
  add_jira_comment: { destination: ['issue_key'], harmless: ['body'], markdown: ['body'], file: [] },
  transition_jira_issue: { destination: ['issue_key'], harmless: ['comment'], markdown: ['comment'], file: [] },
  link_jira_issues: { destination: ['from_key', 'to_key'], harmless: [], markdown: [], file: [] },
  attach_to_jira_issue: {
    destination: ['issue_key'],
    harmless: ['filename', 'content', 'media_type'],
    markdown: [],
    file: ['content'],
  },
  post_slack_message: { destination: ['channel'], harmless: ['text'], markdown: ['text'], file: [] },
  update_slack_message: { destination: ['channel', 'ts'], harmless: ['text'], markdown: ['text'], file: [] },
  add_slack_reaction: { destination: ['channel', 'ts'], harmless: ['name'], markdown: [], file: [] },
  upload_slack_file: {
    destination: ['channel'],
    harmless: ['filename', 'content', 'title', 'comment'],
    markdown: ['comment'],
    file: ['content'],
  },
} satisfies Record<string, WriteFacts>;

const reads = [
  'query_database',
  'get_table_schema',
  'list_tables',
  'explain_query',
  'get_database_health',
  'search_jira_issues',
  'get_jira_issue',
  'read_jira_attachment',
  'get_jira_create_fields',
  'find_jira_users',
  'list_jira_projects',
  'list_slack_channels',
  'read_slack_channel',
  'read_slack_thread',
  'read_slack_file',
  'search_slack_messages',
  'find_slack_users',
] as const;

const writeFacts: ReadonlyMap<string, WriteFacts> = new Map<string, WriteFacts>(Object.entries(writes));

/** Plain names of the tools of our three servers: what a grant or a runbook may name without a server. */
export const ownToolNames: readonly string[] = [...reads, ...writeFacts.keys()];

/** undefined for reads and for tools of others. */
export function factsOfWrite(plainName: string): WriteFacts | undefined {
  return writeFacts.get(plainName);
}
