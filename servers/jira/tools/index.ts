import type { Tool } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import createJiraTicket from './create-jira-ticket.ts';
import getJiraCreateFields from './get-jira-create-fields.ts';
import getJiraIssue from './get-jira-issue.ts';
import searchJiraIssues from './search-jira-issues.ts';

export const tools: readonly Tool<JiraConnection>[] = [
  searchJiraIssues,
  getJiraIssue,
  getJiraCreateFields,
  createJiraTicket,
];
