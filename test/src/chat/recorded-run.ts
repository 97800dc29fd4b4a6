import type { ApprovalRequest } from '../../../src/agent/approval.ts';
import type { EvidenceView } from '../../../src/agent/events.ts';
import type { ToolSpec } from '../../../src/agent/tools.ts';
import type { Preview } from '../../../servers/contract/preview.ts';
import type { ChatEvent } from '../../../src/chat/chat-state.ts';

const query = `SELECT error_code, COUNT(*) AS failed_count, MAX(created_at) AS last_seen
FROM orders
WHERE status = 'failed' AND created_at > NOW() - INTERVAL '24 hours'
GROUP BY error_code
ORDER BY failed_count DESC`;

export const createTicket: ToolSpec = {
  name: 'jira__create_jira_ticket',
  plainName: 'create_jira_ticket',
  server: 'jira',
  title: 'Create Jira ticket',
  description: 'Files an issue.',
  inputSchema: {
    type: 'object',
    required: ['project_key', 'summary'],
    properties: {
      project_key: { type: 'string', description: 'Key of the project' },
      summary: { type: 'string' },
      description: { type: 'string' },
      issue_type: { type: 'string', enum: ['Bug', 'Task', 'Story'] },
      priority: { type: 'string' },
      labels: { type: 'array', items: { type: 'string' } },
    },
  },
  risk: 'write',
  trusted: true,
  preview: true,
  idempotent: true,
};

const description = `14 orders failed in the last 24 hours, most of them with \`TAX_REGION_MISSING\`.

| error_code | failed_count | last_seen |
| --- | ---: | --- |
| TAX_REGION_MISSING | 12 | 2026-11-22 06:41 |
| CARD_DECLINED | 2 | 2026-11-22 03:10 |

> [!WARNING]
> Refunds of these orders wait.

**Cause:** \`taxFor()\` in \`src/tax.ts:41\` throws for regions that the deploy of 06:02 no longer maps.

1. Place an order shipped to \`PR\`
2. See it fail with \`TAX_REGION_MISSING\``;

export const ticketRequest: ApprovalRequest = {
  id: 'approval-1',
  callId: 'call-3',
  tool: createTicket,
  arguments: {
    project_key: 'ENG',
    summary: '14 orders failed in 24 hours: TAX_REGION_MISSING since the 06:02 deploy',
    description,
    issue_type: 'Bug',
    priority: 'High',
    labels: ['orders', 'incident'],
  },
  preview: {
    title: 'Create a Bug in ENG',
    destination: { id: 'ENG', name: 'Engineering (ENG)', audience: '38 people' },
    body: description,
    raw: JSON.stringify({ fields: { project: { key: 'ENG' }, issuetype: { name: 'Bug' } } }, undefined, 2),
    fields: [
      {
        label: 'Summary',
        value: '14 orders failed in 24 hours: TAX_REGION_MISSING since the 06:02 deploy',
        argument: 'summary',
      },
      { label: 'Description', value: description, argument: 'description' },
      { label: 'Type', value: 'Bug', argument: 'issue_type' },
      { label: 'Priority', value: 'High', argument: 'priority' },
      { label: 'Labels', value: 'orders, incident', argument: 'labels' },
    ],
    warnings: ['Priority "Urgent" does not exist in ENG; "High" is used.'],
    duplicates: [
      {
        id: 'ENG-41',
        title: 'Orders to Puerto Rico fail at checkout',
        url: 'https://shop.atlassian.net/browse/ENG-41',
        reason: 'Open, same error code, 3 days old',
      },
    ],
    linkHosts: ['github.com'],
    mentions: [],
  },
  warnings: ['No evidence supports 06:02.'],
  claims: [
    { text: '12', supportedBy: 'E1[0].failed_count', evidence: 'E1' },
    {
      text: '06:02',
      suggestion: {
        text: '06:41',
        source: 'E1[0].last_seen',
        evidence: 'E1',
        arguments: ['summary', 'description'],
      },
    },
  ],
  reasons: ['This writes to Jira, and what it says comes from data that was read.'],
  scopes: ['run', 'always'],
  sha256: 'a'.repeat(64),
};

const messageText = `🚨 **14 orders failed** in the last 24 hours. 12 of them with \`TAX_REGION_MISSING\`, since the deploy at 06:02.
Ticket: [ENG-57](https://shop.atlassian.net/browse/ENG-57)`;

export const messagePreview: Preview = {
  title: 'Message to #orders-oncall',
  destination: { id: 'C024BE91L', name: '#orders-oncall', audience: '214 members, 3 from outside the company' },
  author: 'switchboard',
  body: messageText,
  raw: '{"channel":"C024BE91L"}',
  fields: [{ label: 'Text', value: messageText, argument: 'text' }],
  warnings: [],
  duplicates: [],
  linkHosts: ['shop.atlassian.net'],
  mentions: ['@here'],
};

export const messageRequest: ApprovalRequest = {
  id: 'approval-2',
  callId: 'call-4',
  tool: {
    ...createTicket,
    name: 'slack__post_slack_message',
    plainName: 'post_slack_message',
    server: 'slack',
    title: 'Post Slack message',
    inputSchema: { type: 'object', properties: { channel: { type: 'string' }, text: { type: 'string' } } },
  },
  arguments: { channel: '#orders-oncall', text: messageText, mentions: [{ type: 'here' }] },
  preview: messagePreview,
  warnings: [],
  reasons: ['This mentions everybody who is online in the channel.'],
  scopes: ['run'],
  sha256: 'b'.repeat(64),
};

export const failures: EvidenceView = {
  id: 'E1',
  tool: 'postgres__query_database',
  title: 'Query database',
  arguments: { query },
  time: '2026-11-22T08:00:03.000Z',
  rowCount: 2,
  truncated: false,
  sha256: 'c'.repeat(64),
  columns: [
    { name: 'error_code', type: 'text' },
    { name: 'failed_count', type: 'int8' },
    { name: 'last_seen', type: 'timestamptz' },
  ],
  rows: [
    ['TAX_REGION_MISSING', 12, '2026-11-22T06:41:09Z'],
    ['CARD_DECLINED', 2, '2026-11-22T03:10:55Z'],
  ],
};

export const hourly: EvidenceView = {
  ...failures,
  id: 'E2',
  arguments: { query: "SELECT date_trunc('hour', created_at) AS hour, COUNT(*) FROM orders GROUP BY 1 ORDER BY 1" },
  rowCount: 24,
  columns: [
    { name: 'hour', type: 'timestamptz' },
    { name: 'orders', type: 'int8' },
    { name: 'failed', type: 'int8' },
    { name: 'note', type: 'text' },
  ],
  rows: Array.from({ length: 24 }, (_, hour) => [
    `2026-11-21T${String(hour).padStart(2, '0')}:00:00Z`,
    40 + ((hour * 37) % 60),
    hour > 18 ? hour - 16 : 0,
    hour === 20 ? 'deploy 4f2c1d9 <script>alert(1)</script> ' + 'x'.repeat(120) : null,
  ]),
};

/** Events from the prompt to the first card. */
export const untilTicket: readonly ChatEvent[] = [
  { type: 'prompt-sent', text: 'Why are orders failing this morning?', context: ['tax.ts:38-44'] },
  {
    type: 'run-started',
    session: 'session-1',
    run: 'run-1',
    time: '2026-11-22T08:00:00.000Z',
    model: 'claude-opus-5-5',
    prompt: 'Why are orders failing this morning?',
    runbook: { name: 'failed-orders', parameters: { threshold: 5 } },
  },
  {
    type: 'plan-changed',
    steps: [
      { text: 'Count the failed orders by error code', status: 'done' },
      { text: 'Find the line that raises the error', status: 'done' },
      { text: 'File a ticket with the evidence', status: 'running' },
      { text: 'Tell #orders-oncall', status: 'pending' },
      { text: 'Page the payment provider', status: 'skipped' },
    ],
  },
  { type: 'thinking-delta', text: 'The burst began around 06:00, so look at the deploys first.' },
  { type: 'text-delta', text: 'I will look at the failed orders of the ' },
  { type: 'text-delta', text: '**last 24 hours** first.' },
  {
    type: 'tool-call-proposed',
    callId: 'call-1',
    tool: 'postgres__query_database',
    server: 'postgres',
    title: 'Query database',
    risk: 'read',
    arguments: { query, limit: 100 },
  },
  { type: 'tool-call-started', callId: 'call-1' },
  { type: 'tool-call-finished', callId: 'call-1', outcome: 'ok', durationMs: 48, summary: '2 rows', rows: 2 },
  { type: 'evidence-added', callId: 'call-1', evidence: failures },
  {
    type: 'condition-evaluated',
    condition: {
      name: 'enough failures to file',
      expression: 'failed_count > threshold',
      explained: '14 > 5',
      holds: true,
    },
  },
  {
    type: 'condition-evaluated',
    condition: { name: 'page somebody', expression: 'failed_count > 50', explained: '14 > 50', holds: false },
  },
  {
    type: 'tool-call-proposed',
    callId: 'call-2',
    tool: 'postgres__query_database',
    server: 'postgres',
    title: 'Query database',
    risk: 'read',
    arguments: hourly.arguments,
  },
  { type: 'tool-call-started', callId: 'call-2' },
  { type: 'tool-call-finished', callId: 'call-2', outcome: 'ok', durationMs: 1312, summary: '24 rows', rows: 24 },
  { type: 'evidence-added', callId: 'call-2', evidence: hourly },
  {
    type: 'text-delta',
    text: `12 of 14 failures are \`TAX_REGION_MISSING\` (E1); they begin with the deploy at 06:02 (E2). The line that raises it is \`src/tax.ts:41\`:

\`\`\`ts
if (region === undefined) throw new OrderError('TAX_REGION_MISSING', order.id);
\`\`\`

| error | orders |
| --- | ---: |
| TAX_REGION_MISSING | 12 |
| CARD_DECLINED | 2 |

I will file a ticket and tell the channel. See [the runbook](https://wiki.example.com/orders).`,
  },
  {
    type: 'usage-changed',
    usage: { turns: 3, toolCalls: 2, inputTokens: 41_230, cacheReadTokens: 36_000, outputTokens: 1_204, cost: 0.0613 },
  },
  {
    type: 'tool-call-proposed',
    callId: 'call-3',
    tool: createTicket.name,
    server: 'jira',
    title: createTicket.title,
    risk: 'write',
    arguments: { project_key: 'ENG', summary: '{{E1.row_count}} orders failed' },
  },
  { type: 'approval-requested', ...ticketRequest },
];

/** Events from the first answer to the second card. */
export const untilMessage: readonly ChatEvent[] = [
  { type: 'approval-resolved', callId: 'call-3', decision: 'allowed', by: 'person', reason: 'Approved once' },
  { type: 'tool-call-started', callId: 'call-3' },
  { type: 'tool-call-progressed', callId: 'call-3', message: 'Waiting for Jira', done: 1, total: 3 },
  {
    type: 'tool-call-finished',
    callId: 'call-3',
    outcome: 'ok',
    durationMs: 640,
    summary: 'ENG-57 created',
    link: { label: 'ENG-57', url: 'https://shop.atlassian.net/browse/ENG-57' },
  },
  {
    type: 'tool-call-proposed',
    callId: 'call-4',
    tool: 'slack__post_slack_message',
    server: 'slack',
    title: 'Post Slack message',
    risk: 'write',
    arguments: messageRequest.arguments,
  },
  { type: 'approval-requested', ...messageRequest },
];

/** Events from the second answer, a denial, to the end. */
export const untilEnd: readonly ChatEvent[] = [
  { type: 'approval-resolved', callId: 'call-4', decision: 'denied', by: 'person', reason: 'Too loud: no @here' },
  { type: 'tool-call-finished', callId: 'call-4', outcome: 'denied', durationMs: 0, summary: 'Denied: too loud' },
  { type: 'text-delta', text: 'The ticket is filed as ENG-57; nothing was posted.' },
  {
    type: 'run-finished',
    reason: 'completed',
    message: 'Done: ENG-57 filed, nothing posted.',
    writeNotGranted: false,
  },
];

/** A run in which everything fails. */
export const troubled: readonly ChatEvent[] = [
  {
    type: 'run-started',
    session: 'session-1',
    run: 'run-2',
    time: '2026-11-22T09:00:00.000Z',
    model: 'claude-opus-5-5',
    prompt: 'Post the summary, and compare with last week.',
  },
  {
    type: 'tool-call-proposed',
    callId: 'call-5',
    tool: 'postgres__query_database',
    server: 'postgres',
    title: 'Query database',
    risk: 'read',
    arguments: { query: 'DELETE FROM orders' },
  },
  { type: 'tool-call-started', callId: 'call-5' },
  {
    type: 'tool-call-finished',
    callId: 'call-5',
    outcome: 'failed',
    durationMs: 3,
    summary: 'refused_by_guard: only SELECT, VALUES, TABLE, EXPLAIN and SHOW are run here',
    failure: {
      code: 'refused_by_guard',
      message: 'Only SELECT, VALUES, TABLE, EXPLAIN and SHOW are run here; this is a DELETE.',
      hint: 'Ask for the rows with SELECT instead.',
      retryable: false,
    },
  },
  {
    type: 'tool-call-proposed',
    callId: 'call-6',
    tool: 'jira__search_jira_issues',
    server: 'jira',
    title: 'Search Jira issues',
    risk: 'read',
    arguments: { jql: 'project = ENG AND text ~ "TAX_REGION_MISSING" ORDER BY created DESC', max_results: 10 },
  },
  { type: 'tool-call-started', callId: 'call-6' },
  {
    type: 'tool-call-finished',
    callId: 'call-6',
    outcome: 'failed',
    durationMs: 210,
    summary: 'unauthorized: Jira refused the token',
    failure: {
      code: 'unauthorized',
      message: 'Jira refused the token of ana@example.com.',
      hint: 'It may have expired: make a new one and set it up again.',
      retryable: false,
    },
  },
  { type: 'context-compacted', shortenedResults: 12, tokensBefore: 171_000 },
  { type: 'retry-scheduled', reason: 'Claude is overloaded (529)', attempt: 2, delayMs: 14_000 },
];

export const troubledEnd: ChatEvent = {
  type: 'run-finished',
  reason: 'failed',
  message: 'Claude stayed overloaded for five attempts. Nothing was written. Try again in a few minutes.',
  writeNotGranted: false,
};
