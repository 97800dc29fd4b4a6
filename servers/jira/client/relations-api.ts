import type { Client } from 'jira.js/core';
import { addAttachment, doTransition, getIssueLinkTypes, getTransitions, linkIssues } from 'jira.js/cloud';
import * as z from 'zod';
import type { JiraApi } from './jira-api.ts';
import { read, readCreated } from './read-answer.ts';
import {
  attachmentSchema,
  commentSchema,
  linkTypesSchema,
  permissionsSchema,
  transitionsSchema,
  watchersSchema,
} from './response-schemas.ts';
import { readSprints } from './sprints.ts';

type Relations =
  | 'transitions'
  | 'transition'
  | 'watchers'
  | 'addWatcher'
  | 'sprints'
  | 'linkTypes'
  | 'link'
  | 'attach'
  | 'comment'
  | 'deleteComment'
  | 'deleteLink'
  | 'deleteAttachment'
  | 'mayDelete'
  | 'deleteIssue';

/** What relates to an issue: workflow, watchers, sprints, other issues, files. The same in both flavors. */
export function relationsApi(client: Client): Pick<JiraApi, Relations> {
  const remove = async (path: string): Promise<void> => {
    await client.sendRequest({ url: `/rest/api/3/${path}`, method: 'DELETE' });
  };
  return {
    comment: async (issueKey, id) =>
      read(commentSchema, await client.sendRequest({ url: `/rest/api/3/issue/${issueKey}/comment/${id}` })),
    deleteComment: (issueKey, id) => remove(`issue/${issueKey}/comment/${id}`),
    deleteLink: (id) => remove(`issueLink/${id}`),
    deleteAttachment: (id) => remove(`attachment/${id}`),
    deleteIssue: (issueKey) => remove(`issue/${issueKey}`),
    mayDelete: async (issueKey) => {
      const searchParams = { issueKey, permissions: 'DELETE_ISSUES' };
      const answer = await client.sendRequest({ url: '/rest/api/3/mypermissions', searchParams });
      return read(permissionsSchema, answer).permissions['DELETE_ISSUES']?.havePermission ?? false;
    },
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
