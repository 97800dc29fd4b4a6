import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import type { Settings } from './config.ts';
import type { JiraApi } from './client/jira-api.ts';
import { projectOfKey } from './client/keys.ts';
import { projectSchema, type Field, type IssueType } from './client/shapes.ts';
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
}

export function connect(settings: Settings, log: Log): JiraConnection {
  const cache = new MetadataCache();
  const load = once(async () => {
    // Loaded when first needed: the server answers `tools/list` without it.
    const [{ createTransport }, { cloudApi, dataCenterApi }] = await Promise.all([
      import('./client/transport.ts'),
      import('./client/api.ts'),
    ]);
    const transport = createTransport({ baseUrl: settings.baseUrl, authorization: settings.authorization, log });
    const api = settings.flavour === 'cloud' ? cloudApi : dataCenterApi;
    return (call: TransportCall) => api(transport(call));
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
  };
}

function once<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  return () => (running ??= run());
}

/**
 * An issue by its key, allowed by the project that it is in now: a moved issue still answers to its old key.
 * @returns the project's key and the key the issue has now.
 * @throws ToolError `not_allowed` or `not_found`.
 */
export async function requireIssue(
  issueKey: string,
  api: JiraApi,
  connection: JiraConnection,
): Promise<{ key: string; projectKey: string; summary: string }> {
  // An old key of an allowed project is asked for first of all: what it names may be anywhere.
  const { key, fields } = await api.getIssue(issueKey, ['project', 'summary']);
  const project = projectSchema.safeParse(fields['project']);
  const projectKey = project.success ? project.data.key : projectOfKey(key);
  connection.requireProject(projectKey);
  return { key, projectKey, summary: typeof fields['summary'] === 'string' ? fields['summary'] : '' };
}
