import { randomUUID } from 'node:crypto';
import { createBudget } from '../../src/agent/budget.ts';
import { createClaudeModel } from '../../src/agent/model/claude-model.ts';
import { createEvidenceStore } from '../../src/agent/evidence/store.ts';
import { createPolicyState } from '../../src/agent/policy/policy-state.ts';
import { runAgent } from '../../src/agent/run/run.ts';
import type { ToolSource, ToolSpec } from '../../src/agent/tools.ts';
import type { Script } from '../stack/claude/conversation.ts';
import { startClaude, type ClaudeStandIn } from '../stack/claude/start-claude.ts';
import { measureShuffled, summarize, timed, type Figure } from './measure.ts';

const turns = 20;
const passes = 9;
const apiKey = 'sk-ant-bench';
const raw = 'the same requests by fetch';

const tool: ToolSpec = {
  name: 'bench__read_rows',
  plainName: 'read_rows',
  server: 'bench',
  title: 'Read rows',
  description: 'Answers at once.',
  inputSchema: { type: 'object', properties: { step: { type: 'integer' } } },
  risk: 'read',
  trusted: true,
  preview: false,
  idempotent: true,
};

const tools: ToolSource = {
  list: () => Promise.resolve([tool]),
  call: (_, { step }) => {
    const rows = Array.from({ length: 20 }, (__, index) => [index, `row ${index} of ${String(step)}`]);
    const columns = [
      { name: 'id', type: 'int4' },
      { name: 'text', type: 'text' },
    ];
    return Promise.resolve({
      kind: 'result',
      text: JSON.stringify({ columns, rows }),
      structured: { columns, rows, row_count: rows.length, truncated: false },
    });
  },
};

/** One call a turn until the last. */
const steady: Script = ({ exchanges }) =>
  exchanges.length === turns - 1
    ? { text: 'Done.' }
    : { text: 'Next.', calls: [{ name: tool.name, input: { step: exchanges.length } }] };

/** What a turn costs besides the model: the whole run against the bare requests of the same run, on a model that answers at once. */
export async function benchAgent(): Promise<Figure[]> {
  const claude = await startClaude({ apiKey, script: steady });
  try {
    await runOnce(claude);
    const bodies = claude.requests().map(({ body }) => JSON.stringify(body));
    const samples = await measureShuffled(
      [
        { name: raw, once: async () => (await timed(() => replay(claude, bodies))) / bodies.length },
        { name: 'agent', once: async () => (await timed(() => runOnce(claude))) / turns },
      ],
      passes,
    );
    const base = { name: raw, values: samples.get(raw) ?? [] };
    return [
      summarize(`a turn, ${raw}`, 'ms', base.values),
      summarize('a turn of the agent, one tool call in it', 'ms', samples.get('agent') ?? [], base),
    ];
  } finally {
    await claude.stop();
  }
}

async function runOnce(claude: ClaudeStandIn): Promise<void> {
  const run = runAgent(
    {
      session: 'bench',
      run: randomUUID(),
      actor: 'bench',
      prompt: 'Go.',
      attachments: [],
      history: [],
      runbook: undefined,
    },
    {
      model: createClaudeModel({ model: 'claude-sonnet-5-5', apiKey, baseUrl: claude.url }),
      tools,
      hostTools: [],
      evidence: createEvidenceStore(),
      policy: createPolicyState({ grants: [], snapshot: undefined }),
      cleared: { find: () => undefined, keep: () => Promise.resolve() },
      keepGrant: () => Promise.resolve(),
      ask: undefined,
      budget: createBudget({ maxTurns: turns + 1, maxToolCalls: turns + 1, maxTokens: 0, maxCost: 0 }, () => undefined),
      now: () => new Date(),
      newId: randomUUID,
      signal: new AbortController().signal,
      keep: () => Promise.resolve(),
      keepShorter: () => Promise.resolve(),
      explainMissing: () => ({ code: 'not_configured', message: 'not there' }),
      report: (error) => {
        throw error;
      },
      contextTokens: 1_000_000,
      containsSecret: () => false,
      maxOutputTokens: 1000,
    },
  );
  for await (const event of run) {
    if (event.type === 'run-finished' && event.reason !== 'completed') throw new Error(event.message);
  }
}

async function replay(claude: ClaudeStandIn, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) {
    const headers = { authorization: `Bearer ${apiKey}`, 'anthropic-version': '2026-10-21' };
    const response = await fetch(`${claude.url}/v1/messages`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(await response.text());
    await response.text();
  }
}
