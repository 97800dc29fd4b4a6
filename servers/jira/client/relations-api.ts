import type { Client } from 'jira.js/core';
import { addAttachment, doTransition, getIssueLinkTypes, getTransitions, linkIssues } from 'jira.js/cloud';
import * as z from 'zod';
import type { JiraApi } from './jira-api.ts';
import { read, readCreated } from './read-answer.ts';
import { attachmentSchema, linkTypesSchema, transitionsSchema, watchersSchema } from './response-schemas.ts';
import { readSprints } from './sprints.ts';

type Relations = 'transitions' | 'transition' | 'watchers' | 'addWatcher' | 'sprints' | 'linkTypes' | 'link' | 'attach';

/** What relates to an issue: workflow, watchers, sprints, other issues, files. The same in both flavors. */
export function relationsApi(client: Client): Pick<JiraApi, Relations> {
  return {
    transitions: async (issueKey) => {
      const answer = await getTransitions(client, { issueIdOrKey: issueKey, expand: 'transitions.fields' });
      return read(transitionsSchema, answer).transitions;
    },
    transition: async (issueKey, { id, fields, comment, properties }) => {
      const kept = properties.length === 0 ? {} : { properties: properties.map((property) => ({ ...property })) };
      const update = comment === undefined ? {} : { update: { comment: [{ add: { body: comment, ...kept } }] } };
      const values = Object.keys(fields).length === 0 ? {} : { fields: { ...fields } };
      await doTransition(client, { issueIdOrKey: issueKey, transition: { id }, ...values, ...update });
    },
    watchers: async (issueKey) =>
      read(watchersSchema, await client.sendRequest({ url: `/rest/api/3/issue/${issueKey}/watchers` })).watchers,
    addWatcher: async (issueKey, userId) => {
      await client.sendRequest({ url: `/rest/api/3/issue/${issueKey}/watchers`, method: 'POST', body: userId });
    },
    sprints: (projectKey) => readSprints(client, projectKey),
    linkTypes: async () => read(linkTypesSchema, await getIssueLinkTypes(client)).issueLinkTypes,
    link: async (type, fromKey, toKey) => {
      // Jira calls the blocking issue the inward one of the pair, although its description is the outward one.
      await linkIssues(client, { type: { name: type }, inwardIssue: { key: fromKey }, outwardIssue: { key: toKey } });
    },
    attach: async (issueKey, file) => {
      const answer = await addAttachment(client, {
        issueIdOrKey: issueKey,
        attachments: { filename: file.name, content: file },
      });
      return readCreated(z.array(attachmentSchema).min(1), answer);
    },
  };
}
