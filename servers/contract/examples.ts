import type { ToolName } from './tool-facts.ts';

/** A call of each tool, for the catalogue. Its own file: a server loads it only to serve that page. */
export const examples: Readonly<Record<ToolName, Readonly<Record<string, unknown>>>> = {
  query_database: {
    query: "select status, count(*) from orders where created_at > now() - interval '1 day' group by 1",
  },
  get_table_schema: { table_name: 'orders' },
  list_tables: {},
  explain_query: { query: 'select * from orders where customer_id = 42' },
  get_database_health: {},

  search_jira_issues: { jql: 'project = ENG and statusCategory != Done order by created desc' },
  get_jira_issue: { issue_key: 'ENG-42' },
  read_jira_attachment: { issue_key: 'ENG-42', attachment: 'trace.log' },
  get_jira_create_fields: { project_key: 'ENG', issue_type: 'Bug' },
  find_jira_users: { query: 'jane' },
  list_jira_projects: {},
  create_jira_ticket: {
    project_key: 'ENG',
    issue_type: 'Bug',
    summary: 'Payments fail since the deploy',
    description: '37 orders failed in the last hour.',
  },
  update_jira_issue: { issue_key: 'ENG-42', priority: 'High' },
  add_jira_comment: { issue_key: 'ENG-42', body: 'The fix is deployed.' },
  transition_jira_issue: { issue_key: 'ENG-42', transition: 'Done' },
  link_jira_issues: { from_key: 'ENG-42', to_key: 'ENG-43', link_type: 'blocks' },
  attach_to_jira_issue: { issue_key: 'ENG-42', filename: 'failed-orders.csv', content: 'id,status\n7,failed\n' },
  undo_jira_change: { issue_key: 'ENG-42', change: { created: true } },

  list_slack_channels: { search: 'ops' },
  read_slack_channel: { channel: '#operations', limit: 20 },
  read_slack_thread: { channel: '#operations', thread_ts: '1700000000.000100' },
  read_slack_file: { file: 'F0123456789' },
  search_slack_messages: { query: 'in:#operations deploy after:2026-01-31' },
  find_slack_users: { query: 'jane' },
  post_slack_message: { channel: '#operations', text: 'Payments are **back to normal**.' },
  update_slack_message: { channel: '#operations', ts: '1700000000.000100', text: 'Payments are back to normal.' },
  delete_slack_message: { channel: '#operations', ts: '1700000000.000100' },
  add_slack_reaction: { channel: '#operations', ts: '1700000000.000100', name: 'eyes' },
  pin_slack_message: { channel: '#operations', ts: '1700000000.000100' },
  upload_slack_file: { channel: '#operations', filename: 'failed-orders.csv', content: 'id,status\n7,failed\n' },
  restore_slack_message: {
    channel: '#operations',
    ts: '1700000000.000100',
    text: 'As it was',
    blocks: [],
    after: '0123456789abcdef',
  },
  delete_slack_file: { channel: '#operations', file_id: 'F0123456789' },
};
