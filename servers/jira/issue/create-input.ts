import * as z from 'zod';
import { issueKeySchema, projectKeySchema } from '../client/keys.ts';
import { fieldMap, labelList, markdownText, mentionList, shortText, summaryText } from '../tools/arguments.ts';

/** Arguments of create_jira_ticket. The first six are its established interface. */
export const createInput = z.strictObject({
  project_key: projectKeySchema.describe('e.g. ENG'),
  summary: summaryText.describe('one line'),
  description: markdownText.optional().describe('Markdown'),
  issue_type: shortText.describe('e.g. Bug'),
  priority: shortText.optional().describe('e.g. High'),
  labels: labelList,
  assignee: shortText.optional().describe('email, name, account id or "me"'),
  parent: issueKeySchema.optional(),
  fields: fieldMap.describe('others, by name or id'),
  mentions: mentionList.describe('account ids that [~accountid:ID] in the text notifies'),
});

export type CreateInput = z.infer<typeof createInput>;
