/** The tools of all three servers: a setting that they share may name each of them, and no other. */
export const toolNames: readonly string[] = `
  query_database get_table_schema list_tables explain_query get_database_health
  search_jira_issues get_jira_issue read_jira_attachment get_jira_create_fields find_jira_users list_jira_projects create_jira_ticket
  add_jira_comment update_jira_issue transition_jira_issue link_jira_issues attach_to_jira_issue
  list_slack_channels read_slack_channel read_slack_thread read_slack_file search_slack_messages find_slack_users post_slack_message
  update_slack_message add_slack_reaction upload_slack_file`
  .trim()
  .split(/\s+/);
