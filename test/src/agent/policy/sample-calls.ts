import { withOrigin, type Grant, type OriginatedGrant } from '../../../../src/agent/policy/grants.ts';
import { noHistory, type PolicyCall, type PolicyContext } from '../../../../src/agent/policy/policy.ts';
import type { Arguments } from '../../../../src/agent/tools.ts';
import type { Preview } from '../../../../servers/contract/preview.ts';
import { toolSpec } from '../evidence-samples.ts';

export function preview(facts: Partial<Preview> = {}): Preview {
  return {
    title: 'Post to #operations',
    destination: { id: 'C1', name: '#operations' },
    body: 'text',
    raw: '{}',
    fields: [],
    warnings: [],
    duplicates: [],
    linkHosts: [],
    mentions: [],
    ...facts,
  };
}

export function post(input: Arguments, facts: Partial<PolicyCall> = {}): PolicyCall {
  return {
    tool: toolSpec('post_slack_message'),
    arguments: input,
    preview: preview(),
    unverified: [],
    strangeHosts: [],
    containsSecret: false,
    ...facts,
  };
}

export function context(facts: Partial<PolicyContext> = {}): PolicyContext {
  return { grants: [], conditions: [], history: noHistory, taint: [], attended: true, ...facts };
}

export function held(grant: Grant): OriginatedGrant {
  return withOrigin(grant, 'policy-file');
}
