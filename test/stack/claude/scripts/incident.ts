import type { Script } from '../conversation.ts';
import { callTo } from './script-kit.ts';

/** A job whose runs can be told apart: it files one ticket and posts one message that name the incident. */
export const incidentRunbook = `---
name: incident
title: Record an incident
description: Counts failed orders, files one ticket and tells the team.
parameters:
  incident:
    pattern: '[A-Za-z0-9._:/ -]+'
    description: What happened.
grants:
  - tool: create_jira_ticket
    where: { project_key: [ENG], issue_type: [Bug] }
    limit: 1
  - tool: post_slack_message
    where: { channel: ['#operations'] }
    limit: 1
---

Incident <{{incident}}>: count the failed orders, file one ticket and post one message.
`;

/**
 * A model that words everything anew in each conversation, as models do: the ticket's description holds what `nonce`
 * gives when it is written.
 */
export function recordIncident(nonce: () => string): Script {
  return (conversation) => {
    const incident = /Incident <([^>]+)>/.exec(conversation.prompt)?.[1] ?? 'unknown';
    const made = (tool: string) => conversation.of(tool).at(-1);
    const steps: readonly [tool: string, input: () => Record<string, unknown>][] = [
      ['query_database', () => ({ query: "SELECT count(*) AS failed FROM orders WHERE status = 'failed'" })],
      [
        'create_jira_ticket',
        () => ({
          project_key: 'ENG',
          issue_type: 'Bug',
          summary: `Incident ${incident}`,
          description: `{{${made('query_database')?.evidence ?? 'E1'}}}\n\nSeen by ${nonce()}.`,
        }),
      ],
      [
        'post_slack_message',
        () => ({
          channel: '#operations',
          text: `Incident ${incident}: {{${made('create_jira_ticket')?.evidence ?? 'E2'}.issue_key}}, by ${nonce()}`,
        }),
      ],
    ];
    const next = steps.find(([tool]) => conversation.of(tool).length === 0);
    const call = next === undefined ? undefined : callTo(conversation, next[0], next[1]());
    return call === undefined ? { text: 'Recorded.' } : { text: 'Next step.', calls: [call] };
  };
}
