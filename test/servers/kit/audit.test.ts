import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readAudit, verifyAudit } from '../../../servers/contract/audit/verify.ts';
import { createAuditWriter } from '../../../servers/contract/audit/writer.ts';
import { createRedactor } from '../../../servers/contract/redact.ts';
import { createCallAudit } from '../../../servers/kit/audit.ts';
import { callTool, type CallAnswer } from '../../../servers/kit/call-tool.ts';
import { makeTool } from '../../../servers/kit/define-tool.ts';
import { ToolError } from '../../../servers/kit/errors.ts';
import { createFileLedgerStore } from '../../../servers/kit/state/ledger-store.ts';
import { createLedger } from '../../../servers/kit/ledger.ts';
import type { ToolLimits } from '../../../servers/kit/rate-limit.ts';

const unlimited: ToolLimits = { take: () => Promise.resolve() };
let state: string;
let done: string[];
const redact = createRedactor(['s3cret-value']);

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'switchboard-kit-'));
  done = [];
});

afterEach(() => {
  rmSync(state, { recursive: true, force: true });
});

const input = z.strictObject({ text: z.string().max(10_000), fail: z.string().optional() });
const output = z.object({ outcome: z.string().optional(), ts: z.string() });

const send = makeTool<typeof input, typeof output, null>({
  name: 'send_thing',
  title: 'Send',
  description: 'Sends.',
  risk: 'write',
  input,
  output,
  preview: () =>
    Promise.resolve({
      title: 'Send',
      destination: { id: 'C1', name: '#a' },
      body: 'to jane@example.com',
      raw: '{}',
      fields: [],
      warnings: [],
      duplicates: [],
      linkHosts: [],
      mentions: [],
    }),
  run: async ({ text, fail }, context) => {
    if (fail === 'guard') throw new ToolError('refused_by_guard', 'No.');
    if (fail === 'unknown') throw new ToolError('outcome_unknown', 'Lost.', { details: { status: 502 } });
    if (fail !== undefined) throw new Error(fail);
    const { ts } = await context.effect({
      name: 'send',
      result: z.object({ ts: z.string() }),
      send: () => {
        done.push(text);
        return Promise.resolve({ ts: '1.2' });
      },
      find: 'repeatable',
      whereToLook: '',
    });
    return { structured: { outcome: 'done', ts }, text: 'sent' };
  },
});

const look = makeTool<typeof input, typeof output, null>({
  name: 'look_at_thing',
  title: 'Look',
  description: 'Looks.',
  risk: 'read',
  input,
  output,
  run: ({ text }) => {
    done.push(text);
    return Promise.resolve({ structured: { ts: '1.2' }, text: 'seen' });
  },
});

async function call(name: string, input: unknown, meta: unknown = {}, folder = state): Promise<CallAnswer> {
  const log = (): void => undefined;
  const report = (error: unknown): void => {
    throw error;
  };
  const writer = createAuditWriter({ stateFolder: folder, writer: 'test', report });
  const answer = await callTool(
    { name, arguments: input, meta, signal: new AbortController().signal, progress: log },
    {
      tools: new Map([send, look].map((tool) => [tool.name, tool])),
      connection: null,
      log,
      redact,
      limits: unlimited,
      ledger: createLedger(createFileLedgerStore(join(state, 'ledger')), log),
      audit: createCallAudit({ writer, server: 'test', redact, log }),
    },
  );
  writer.close();
  return answer;
}

describe('audit of calls to a server', () => {
  it('records the intent and result of a write, without secrets', async () => {
    await call(
      'send_thing',
      { text: 'hello s3cret-value' },
      { 'dev.switchboard/run': { session: 's', run: 'r', actor: 'a' } },
    );
    const [intent, result] = readAudit(state);
    expect(intent).toMatchObject({ phase: 'intent', tool: 'send_thing', risk: 'write', session: 's', actor: 'a' });
    expect(intent?.arguments).toEqual({ text: 'hello [redacted secret]' });
    expect(result).toMatchObject({ phase: 'result', intent: 1, outcome: 'ok', objectId: '1.2' });
    expect(result?.resultSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    [{ text: 'x', fail: 'guard' }, 'refused', 'denied', 'refused_by_guard'],
    [{ text: 'x', fail: 'unknown' }, 'result', 'unknown', 'outcome_unknown'],
    [{ text: 'x', fail: 'bug' }, 'result', 'failed', 'internal'],
    [{ text: 5 }, 'refused', 'denied', 'invalid_arguments'],
  ])('%j ends as %s', async (arguments_, phase, outcome, errorCode) => {
    await call('send_thing', arguments_);
    expect(readAudit(state).at(-1)).toMatchObject({ phase, outcome, errorCode });
    expect(verifyAudit(state).every(({ status }) => status === 'whole')).toBe(true);
  });

  it('records and answers calls to unknown tools or with endlessly nested arguments', async () => {
    let nested: unknown = 'x';
    for (let depth = 0; depth < 50_000; depth += 1) nested = [nested];
    for (const answer of [await call('nope', { a: 1 }), await call('send_thing', { text: nested })])
      expect(answer.isError).toBe(true);
    // Each call has a log of its own, and two of one millisecond are read in any order.
    expect(
      readAudit(state)
        .map(({ phase, tool }) => `${phase} ${tool}`)
        .toSorted(),
    ).toEqual(['refused nope', 'refused send_thing']);
  });

  it('marks previews, and names personal data', async () => {
    const answer = await call('send_thing', { text: 'x' }, { 'dev.switchboard/preview': true });
    expect(answer.structuredContent['preview']).toMatchObject({
      personalData: ['an email address (j…@example.com)'],
      warnings: ['Contains an email address (j…@example.com).'],
    });
    expect(readAudit(state).map(({ preview }) => preview)).toEqual([true, true]);
    expect(done).toEqual([]);
  });
});

describe('no audit, no call', () => {
  it.each(['send_thing', 'look_at_thing'])('%s does not run if it cannot be recorded, and says why', async (name) => {
    const file = join(state, 'file');
    writeFileSync(file, '');
    const answer = await call(name, { text: 'x' }, {}, file);
    expect(answer.structuredContent['error']).toMatchObject({
      code: 'not_configured',
      message: `Cannot write the audit log. ${name} does not run without it.`,
    });
    expect(done).toEqual([]);
    expect(readdirSync(state)).not.toContain('audit');
  });
});
