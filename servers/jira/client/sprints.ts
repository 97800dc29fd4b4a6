import type { Client } from 'jira.js/core';
import { ToolError } from '../../kit/errors.ts';
import { read } from './read-answer.ts';
import { boardsSchema, sprintsSchema, type Sprint } from './response-schemas.ts';

const maxBoards = 20;

/** Jira returns an error for a board without sprints. */
export async function readSprints(client: Client, projectKey: string): Promise<Sprint[]> {
  const board = { projectKeyOrId: projectKey, maxResults: maxBoards };
  const { values } = read(
    boardsSchema,
    await client.sendRequest({ url: '/rest/agile/1.0/board', searchParams: board }),
  );
  const sprints = new Map<number, Sprint>();
  for (const { id } of values) {
    const wanted = { state: 'active,future', maxResults: 50 };
    try {
      const url = `/rest/agile/1.0/board/${id}/sprint`;
      const page = read(sprintsSchema, await client.sendRequest({ url, searchParams: wanted }));
      for (const sprint of page.values) sprints.set(sprint.id, sprint);
    } catch (error) {
      if (!(error instanceof ToolError) || error.code !== 'invalid_arguments') throw error;
    }
  }
  return [...sprints.values()];
}
