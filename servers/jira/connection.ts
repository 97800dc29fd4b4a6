import { ToolError } from '../kit/errors.ts';
import { createLimiter, parseRate } from '../kit/rate-limit.ts';
import type { Settings } from './config.ts';
import type { JiraApi } from './client/jira-api.ts';
import { projectOfKey } from './client/keys.ts';
import {
  systemFieldsSchema,
  type Field,
  type Issue,
  type IssueType,
  type SystemFields,
} from './client/response-schemas.ts';
import type { TransportCall } from './client/transport.ts';
import { MetadataCache } from './issue/metadata-cache.ts';

/** What every tool of this server works with. Nothing is opened before the first call. */
export interface JiraConnection {
  readonly settings: Settings;
  /** Jira, bound to a call: requests end when its signal aborts. */
  readonly open: (call: TransportCall) => Promise<JiraApi>;
  readonly issueTypes: (api: JiraApi, projectKey: string) => Promise<readonly IssueType[]>;
  readonly createFields: (api: JiraApi, projectKey: string, issueTypeId: string) => Promise<readonly Field[]>;
  /** After Jira refused values: what is known of its screens may be out of date. */
  readonly forgetFields: () => void;
  readonly isAllowed: (projectKey: string) => boolean;
  /** @throws ToolError `not_allowed` for a project outside JIRA_ALLOWED_PROJECTS. */
  readonly requireProject: (projectKey: string) => void;
  readonly issueUrl: (issueKey: string) => string;
  /** Waits until Jira takes another write to the same issue; it takes 20 in 2 s and 100 in 30 s. */
  readonly paceWrites: (issueKey: string, call: TransportCall) => Promise<void>;
}

const longestWaitMs = 10_000;

export function connect(settings: Settings): JiraConnection {
  const cache = new MetadataCache();
  const issueWrites = ['20/2s', '100/30s'].map((rate) => createLimiter(parseRate(rate)));
  const load = once(async () => {
    // Loaded when first needed: the server answers `tools/list` without it.
    const [{ createTransport }, { cloudApi, dataCenterApi }] = await Promise.all([
      import('./client/transport.ts'),
      import('./client/cloud-api.ts'),
    ]);
    const transport = createTransport({ baseUrl: settings.baseUrl, authorization: settings.authorization });
    const api = settings.flavour === 'cloud' ? cloudApi : dataCenterApi;
    return (call: TransportCall) => api(transport(call), settings.textLimit);
  });
  const isAllowed = (projectKey: string): boolean => settings.allowedProjects?.has(projectKey) ?? true;
  return {
    settings,
    open: async (call) => (await load())(call),
    issueTypes: (api, projectKey) => cache.issueTypes(projectKey, () => api.issueTypes(projectKey)),
    createFields: (api, projectKey, typeId) =>
      cache.fields(`${projectKey} ${typeId}`, () => api.createFields(projectKey, typeId)),
    forgetFields: () => cache.clear(),
    isAllowed,
    requireProject: (projectKey) => {
      if (isAllowed(projectKey)) return;
      throw new ToolError('not_allowed', `Project ${projectKey} is not among those that this server may use.`, {
        hint: `JIRA_ALLOWED_PROJECTS names ${[...(settings.allowedProjects ?? [])].join(', ')}.`,
      });
    },
    issueUrl: (issueKey) => `${settings.baseUrl}/browse/${issueKey}`,
    paceWrites: async (issueKey, call) => {
      for (const limiter of issueWrites) {
        const waitMs = await limiter.take(issueKey, call, longestWaitMs);
        if (waitMs === undefined) continue;
        throw new ToolError('rate_limited', `Jira takes no more writes to ${issueKey} for now.`, {
          retryAfterMs: waitMs,
        });
      }
    },
  };
}

function once<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => (running ??= run());
}

/**
 * In a service project a comment is a reply to the customer unless it is made internal.
 * @throws ToolError `invalid_arguments` for an internal comment elsewhere: everybody there would see it.
 */
export function commentAudience({ project }: SystemFields, isInternal = false): { audience?: string } {
  const isService = project?.projectTypeKey === 'service_desk';
  if (isInternal && !isService)
    throw new ToolError('invalid_arguments', "'internal': only service projects have internal comments.", {
      hint: 'Leave it out: whoever sees the issue sees the comment.',
    });
  if (!isService) return {};
  return {
    audience: isInternal
      ? 'the team of this service project, not its customers'
      : 'the customers of this service project too',
  };
}

/**
 * Reads an issue and checks the project that it is in now: a moved issue still answers to its old key.
 * @param fields besides `project`.
 * @throws ToolError `not_allowed`, worded alike for issues of other projects and for those that are not there:
 * which of the two it is would tell about projects that must not be seen.
 */
export async function requireIssue(
  issueKey: string,
  fields: readonly string[],
  api: JiraApi,
  connection: JiraConnection,
): Promise<{ key: string; projectKey: string; fields: SystemFields; issue: Issue }> {
  const outside = new ToolError('not_allowed', `${issueKey} is in no project that this server may use.`, {
    hint: `JIRA_ALLOWED_PROJECTS names ${[...(connection.settings.allowedProjects ?? [])].join(', ')}.`,
  });
  try {
    const issue = await api.getIssue(issueKey, ['project', ...fields]);
    const read = systemFieldsSchema.parse(issue.fields);
    const projectKey = read.project?.key ?? projectOfKey(issue.key);
    if (!connection.isAllowed(projectKey)) throw outside;
    return { key: issue.key, projectKey, fields: read, issue };
  } catch (error) {
    const isMissing = error instanceof ToolError && error.code === 'not_found';
    if (!isMissing) throw error;
    if (!connection.isAllowed(projectOfKey(issueKey))) throw outside;
    throw new ToolError(
      'not_found',
      `There is no issue ${issueKey}, or the account may not see it.`,
      {},
      { cause: error },
    );
  }
}
