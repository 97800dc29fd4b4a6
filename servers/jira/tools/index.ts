import type { Tool } from '../../kit/define-tool.ts';
import type { JiraConnection } from '../connection.ts';
import addJiraComment from './add-jira-comment.ts';
import attachToJiraIssue from './attach-to-jira-issue.ts';
import createJiraTicket from './create-jira-ticket.ts';
import findJiraUsers from './find-jira-users.ts';
import getJiraCreateFields from './get-jira-create-fields.ts';
import getJiraIssue from './get-jira-issue.ts';
import linkJiraIssues from './link-jira-issues.ts';
import listJiraProjects from './list-jira-projects.ts';
import readJiraAttachment from './read-jira-attachment.ts';
import searchJiraIssues from './search-jira-issues.ts';
import transitionJiraIssue from './transition-jira-issue.ts';
import undoJiraChange from './undo-jira-change.ts';
import updateJiraIssue from './update-jira-issue.ts';

export const tools: readonly Tool<JiraConnection>[] = [
  searchJiraIssues,
  getJiraIssue,
  readJiraAttachment,
  getJiraCreateFields,
  findJiraUsers,
  listJiraProjects,
  createJiraTicket,
  addJiraComment,
  updateJiraIssue,
  transitionJiraIssue,
  linkJiraIssues,
  attachToJiraIssue,
  undoJiraChange,
];
