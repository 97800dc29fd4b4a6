import type { Client } from 'jira.js/core';
import {
  addComment,
  createIssue,
  editIssue,
  findAssignableUsers,
  findUsers,
  getComments,
  getCreateIssueMetaIssueTypeId,
  getCreateIssueMetaIssueTypes,
  getCurrentUser,
  getEditIssueMeta,
  getIssue,
  getUser,
  searchAndReconsileIssuesUsingJqlPost,
  searchProjects,
} from 'jira.js/cloud';
import * as z from 'zod';
import { ToolError } from '../../kit/errors.ts';
import { adfText, wikiText } from './rich-text.ts';
import type { JiraApi, ProjectQuery } from './jira-api.ts';
import { read, readCreated } from './read-answer.ts';
import { relationsApi } from './relations-api.ts';
import type { JiraClient } from './transport.ts';
import {
  commentsPageSchema,
  createdCommentSchema,
  createdIssueSchema,
  editMetaSchema,
  fieldsPageSchema,
  issueSchema,
  issueTypesPageSchema,
  projectSchema,
  projectsPageSchema,
  searchPageSchema,
  userSchema,
  type Field,
  type Project,
} from './response-schemas.ts';

const pageSize = 200;
/** The maximum number of projects to search for the requested ones. */
const mostProjects = 2_000;
/** "5b10a2844c20165700ede21g" or "712020:c7ff6f4c-...". */
const accountId = /^(?:[\da-z]{24}|[\w-]+:[\w:-]{8,})$/i;

/** Jira Cloud through the typed endpoints of jira.js. */
export function cloudApi(client: JiraClient, textLimit: number): JiraApi {
  return {
    ...commonApi(client),
    text: adfText(textLimit),
    userReference: ({ id }) => ({ accountId: id }),
    imageOf: async ({ id }, alt) => {
      // A document refers to an image by its id in the media service, which only this URL reveals.
      const address = await client.locate(`/rest/api/3/attachment/content/${id}`);
      const mediaId = /\/file\/([\da-f]{8}-[\da-f-]{27})(?:\/|$)/i.exec(address?.pathname ?? '')?.[1];
      if (mediaId === undefined) return undefined;
      const media = { type: 'media', attrs: { type: 'file', id: mediaId, collection: '', alt } };
      return { type: 'mediaSingle', attrs: { layout: 'center' }, content: [media] };
    },
    // Otherwise Jira redirects to another host, which must not receive our credentials.
    readAttachment: ({ id }) => client.download(`/rest/api/3/attachment/content/${id}`, { redirect: false }),
    getUser: async (id) => read(userSchema, await getUser(client, { accountId: id })),
    findUsers: async (query, limit) => read(z.array(userSchema), await findUsers(client, { query, maxResults: limit })),
    findAssignable: async (wanted, where) => {
      const place = 'projectKey' in where ? { project: where.projectKey } : { issueKey: where.issueKey };
      const find = async (who: { query: string } | { accountId: string }) =>
        read(z.array(userSchema), await findAssignableUsers(client, { ...who, maxResults: 50, ...place }));
      // Jira matches the query only against names and email addresses.
      const byId = accountId.test(wanted) ? await find({ accountId: wanted }) : [];
      return byId.length > 0 ? byId : find({ query: wanted });
    },
    listProjects: (query) => walkProjects(client, query),
    search: async ({ jql, fields, limit, pageToken, properties = [] }) => {
      const token = pageToken === undefined ? {} : { nextPageToken: pageToken };
      const kept = properties.length === 0 ? {} : { properties: [...properties] };
      const query = { jql, fields: [...fields], maxResults: limit, ...token, ...kept };
      const answer = await searchAndReconsileIssuesUsingJqlPost(client, query);
      const page = read(searchPageSchema, answer);
      return { issues: page.issues, nextPageToken: page.nextPageToken ?? undefined };
    },
    addComment: async (issueKey, body, properties) => {
      if (typeof body === 'string') throw new Error('Jira Cloud accepts documents, not text');
      const document = { ...body, content: body.content.map((node) => ({ ...node })) };
      const kept = properties.map((property) => ({ ...property }));
      const answer = await addComment(client, { issueIdOrKey: issueKey, body: document, properties: kept });
      return readCreated(createdCommentSchema, answer);
    },
  };
}

/** Data Center uses API version 2: different paths for users, projects and search, and wiki markup for text. */
export function dataCenterApi(client: JiraClient, textLimit: number): JiraApi {
  const versionTwo: Client = {
    sendRequest: (options) =>
      client.sendRequest({ ...options, url: options.url.replace('/rest/api/3/', '/rest/api/2/') }),
  };
  const users = async (url: string, searchParams: Record<string, unknown>) =>
    read(z.array(userSchema), await client.sendRequest({ url, searchParams }));
  return {
    ...commonApi(versionTwo),
    text: wikiText(textLimit),
    userReference: ({ id }) => ({ name: id }),
    // A name that contains markup characters would be cut there.
    imageOf: ({ filename }, alt) =>
      Promise.resolve(
        /[!|{}[\]]/.test(filename) ? undefined : `!${filename}|alt=${alt.replaceAll(/[!|,={}"\n]/g, ' ')}!`,
      ),
    readAttachment: ({ id, filename }) => client.download(`/secure/attachment/${id}/${encodeURIComponent(filename)}`),
    getUser: async (id) =>
      read(userSchema, await client.sendRequest({ url: '/rest/api/2/user', searchParams: { username: id } })),
    findUsers: (query, limit) => users('/rest/api/2/user/search', { username: query, maxResults: limit }),
    findAssignable: (query, where) => {
      const place = 'projectKey' in where ? { project: where.projectKey } : { issueKey: where.issueKey };
      return users('/rest/api/2/user/assignable/search', { username: query, maxResults: 50, ...place });
    },
    listProjects: async ({ search, limit, isWanted }) => {
      const all = read(z.array(projectSchema), await client.sendRequest({ url: '/rest/api/2/project' }));
      const wanted = (search ?? '').toLowerCase();
      const found = all.filter(({ key, name }) => isWanted(key) && `${key} ${name}`.toLowerCase().includes(wanted));
      return { projects: found.slice(0, limit), hasMore: found.length > limit };
    },
    search: async ({ jql, fields, limit, pageToken, properties }) => {
      const startAt = readOffset(pageToken);
      const body = { jql, fields, maxResults: limit, startAt, properties };
      const page = read(
        searchPageSchema,
        await client.sendRequest({ url: '/rest/api/2/search', method: 'POST', body }),
      );
      const next = startAt + page.issues.length;
      const hasMore = page.issues.length > 0 && next < (page.total ?? 0);
      return { issues: page.issues, nextPageToken: hasMore ? String(next) : undefined };
    },
    addComment: async (issueKey, body, properties) => {
      const url = `/rest/api/2/issue/${issueKey}/comment`;
      return readCreated(
        createdCommentSchema,
        await client.sendRequest({ url, method: 'POST', body: { body, properties } }),
      );
    },
  };
}

/** The requested items may be on any page, because Jira has no filter for them. */
async function walkProjects(client: Client, { search, limit, isWanted }: ProjectQuery) {
  const query = search === undefined ? {} : { query: search };
  const projects: Project[] = [];
  let startAt = 0;
  for (let isLast = false; !isLast && projects.length <= limit && startAt < mostProjects;) {
    const page = read(projectsPageSchema, await searchProjects(client, { startAt, maxResults: 100, ...query }));
    projects.push(...page.values.filter(({ key }) => isWanted(key)));
    startAt += page.values.length;
    isLast = page.values.length === 0 || (page.isLast ?? page.values.length < 100);
    if (isLast) return { projects: projects.slice(0, limit), hasMore: projects.length > limit };
  }
  return { projects: projects.slice(0, limit), hasMore: true };
}

function readOffset(pageToken: string | undefined): number {
  if (pageToken === undefined) return 0;
  if (/^\d{1,9}$/.test(pageToken)) return Number(pageToken);
  throw new ToolError('invalid_arguments', "'page_token' was not returned by a search on this server.");
}

/** Shared by both flavors, except for the version in the path. */
function commonApi(
  client: Client,
): Omit<
  JiraApi,
  | 'text'
  | 'userReference'
  | 'readAttachment'
  | 'imageOf'
  | 'getUser'
  | 'findUsers'
  | 'findAssignable'
  | 'listProjects'
  | 'search'
  | 'addComment'
> {
  return {
    currentUser: async () => read(userSchema, await getCurrentUser(client)),
    issueTypes: async (projectKey) => {
      const page = { projectIdOrKey: projectKey, maxResults: pageSize };
      const { issueTypes, values } = read(issueTypesPageSchema, await getCreateIssueMetaIssueTypes(client, page));
      return issueTypes ?? values ?? [];
    },
    createFields: (projectKey, issueTypeId) => readCreateFields(client, projectKey, issueTypeId),
    editFields: async (issueKey) => {
      const { fields } = read(editMetaSchema, await getEditIssueMeta(client, { issueIdOrKey: issueKey }));
      return Object.entries(fields).map(([id, field]) => ({ ...field, id }));
    },
    getIssue: async (issueKey, fields) =>
      read(issueSchema, await getIssue(client, { issueIdOrKey: issueKey, fields: [...fields], expand: 'names' })),
    createIssue: async (fields, properties) => {
      const issue = { fields: { ...fields }, properties: properties.map((property) => ({ ...property })) };
      return readCreated(createdIssueSchema, await createIssue(client, issue));
    },
    editIssue: async (issueKey, fields) => {
      await editIssue(client, { issueIdOrKey: issueKey, fields: { ...fields } });
    },
    comments: async (issueKey, limit) => {
      const page = { issueIdOrKey: issueKey, maxResults: limit, orderBy: '-created', expand: 'properties' };
      return read(commentsPageSchema, await getComments(client, page));
    },
    ...relationsApi(client),
  };
}

async function readCreateFields(client: Client, projectKey: string, issueTypeId: string): Promise<Field[]> {
  const fields: Field[] = [];
  for (;;) {
    const page = { projectIdOrKey: projectKey, issueTypeId, startAt: fields.length, maxResults: pageSize };
    const answer = read(fieldsPageSchema, await getCreateIssueMetaIssueTypeId(client, page));
    const more = answer.fields ?? answer.values ?? [];
    fields.push(...more);
    if (more.length === 0 || fields.length >= (answer.total ?? 0)) return fields;
  }
}
