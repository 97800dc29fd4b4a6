import type { Renewable } from '../contract/secrets/renewable.ts';
import { ToolError } from '../kit/errors.ts';
import { parseRate } from '../kit/rate-limit.ts';
import type { ConnectIo } from '../kit/run-server.ts';
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

/** What every tool of this server works with. No connection is opened before the first call. */
export interface JiraConnection {
  readonly settings: Settings;
  /** Jira bound to one call: requests end when its signal aborts. */
  readonly open: (call: TransportCall) => Promise<JiraApi>;
  readonly issueTypes: (api: JiraApi, projectKey: string) => Promise<readonly IssueType[]>;
  readonly createFields: (api: JiraApi, projectKey: string, issueTypeId: string) => Promise<readonly Field[]>;
  /** Call after Jira rejected values: the cached screens may be outdated. */
  readonly forgetFields: () => void;
  readonly isAllowed: (projectKey: string) => boolean;
  /** Which projects these are, for whoever asked for another. */
  readonly allowedHint: string;
  /** @throws ToolError `not_allowed` for a project outside them. */
  readonly requireProject: (projectKey: string) => void;
  readonly issueUrl: (issueKey: string) => string;
  /** Waits until Jira accepts another write to the same issue. It accepts 20 in 2 s and 100 in 30 s. */
  readonly paceWrites: (issueKey: string, call: TransportCall) => Promise<void>;
}

const longestWaitMs = 10_000;

/** @param account the Authorization header of whom we act as. @throws ToolError from it, for a caller who has none. */
export function connect(
  settings: Settings,
  { limiter, pauses, telemetry }: Pick<ConnectIo, 'limiter' | 'pauses' | 'telemetry'>,
  account: () => Promise<Renewable<string>>,
): JiraConnection {
  const cache = new MetadataCache();
  const issueWrites = ['20/2s', '100/30s'].map((rate) => limiter(`issue ${rate}`, parseRate(rate)));
  const load = once(async () => {
    // Loaded on first use. The server answers `tools/list` without it.
    const [{ createTransport }, { cloudApi, dataCenterApi }] = await Promise.all([
      import('./client/transport.ts'),
      import('./client/cloud-api.ts'),
    ]);
    const api = settings.flavour === 'cloud' ? cloudApi : dataCenterApi;
    return (authorization: Renewable<string>) => {
      const transport = createTransport({ baseUrl: settings.baseUrl, authorization, pauses, telemetry });
      return (call: TransportCall) => api(transport(call), settings.textLimit);
    };
  });
  let opened: { authorization: Renewable<string>; api: (call: TransportCall) => JiraApi } | undefined;
  return {
    settings,
    open: async (call) => {
      const [create, authorization] = await Promise.all([load(), account()]);
      if (opened?.authorization !== authorization) opened = { authorization, api: create(authorization) };
      return opened.api(call);
    },
    issueTypes: (api, projectKey) => cache.issueTypes(projectKey, () => api.issueTypes(projectKey)),
    createFields: (api, projectKey, typeId) =>
      cache.fields(`${projectKey} ${typeId}`, () => api.createFields(projectKey, typeId)),
    forgetFields: () => cache.clear(),
    ...permissions(settings.allowedProjects, 'JIRA_ALLOWED_PROJECTS allows'),
    issueUrl: (issueKey) => `${settings.baseUrl}/browse/${issueKey}`,
    paceWrites: async (issueKey, call) => {
      for (const limiter of issueWrites) {
        const waitMs = await limiter.take(issueKey, call, longestWaitMs);
        if (waitMs === undefined) continue;
        throw new ToolError('rate_limited', `Jira accepts no more writes to ${issueKey} for now.`, {
          retryAfterMs: waitMs,
        });
      }
    },
  };
}

/** The same Jira for a caller who may use only these projects, of those that the settings allow. */
export function narrowTo(connection: JiraConnection, projects: readonly string[]): JiraConnection {
  const allowedProjects = new Set(projects.map((key) => key.toUpperCase()).filter((key) => connection.isAllowed(key)));
  return {
    ...connection,
    settings: { ...connection.settings, allowedProjects },
    ...permissions(allowedProjects, 'Your groups may use'),
  };
}

function permissions(
  projects: ReadonlySet<string> | undefined,
  whose: string,
): Pick<JiraConnection, 'isAllowed' | 'allowedHint' | 'requireProject'> {
  const isAllowed = (projectKey: string): boolean => projects?.has(projectKey) ?? true;
  const allowedHint = `${whose} ${projects?.size === 0 ? 'no project' : [...(projects ?? [])].join(', ')}.`;
  return {
    isAllowed,
    allowedHint,
    requireProject: (projectKey) => {
      if (isAllowed(projectKey)) return;
      throw new ToolError('not_allowed', `Project ${projectKey} is not allowed on this server.`, {
        hint: allowedHint,
      });
    },
  };
}

function once<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => (running ??= run());
}

/**
 * In a service project, a comment is a reply to the customer unless it is internal.
 * @throws ToolError `invalid_arguments` for an internal comment in other projects, where everybody would see it.
 */
export function commentAudience({ project }: SystemFields, isInternal = false): { audience?: string } {
  const isService = project?.projectTypeKey === 'service_desk';
  if (isInternal && !isService)
    throw new ToolError('invalid_arguments', "'internal': internal comments exist only in service projects.", {
      hint: 'Omit it: everyone who can see the issue can see the comment.',
    });
  if (!isService) return {};
  return {
    audience: isInternal
      ? 'the team of this service project, but not its customers'
      : 'also the customers of this service project',
  };
}

/**
 * Reads an issue and checks its current project, because a moved issue can still be found by its old key.
 * @param fields besides `project`.
 * @throws ToolError `not_allowed`, with the same text for issues of other projects and for missing ones, so that it
 * reveals nothing about hidden projects.
 */
export async function requireIssue(
  issueKey: string,
  fields: readonly string[],
  api: JiraApi,
  connection: JiraConnection,
): Promise<{ key: string; projectKey: string; fields: SystemFields; issue: Issue }> {
  const outside = new ToolError('not_allowed', `${issueKey} is not in a project allowed on this server.`, {
    hint: connection.allowedHint,
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
      `There is no issue ${issueKey}, or the account cannot see it.`,
      {},
      { cause: error },
    );
  }
}
