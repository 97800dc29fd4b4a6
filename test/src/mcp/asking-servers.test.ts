import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { ForServer, ServerQuestion, ServerReply } from '../../../src/agent/server-question.ts';
import { CallLimit } from '../../../src/mcp/call-limit.ts';
import { createThrottle } from '../../../src/mcp/throttle.ts';
import { baseEnvironment, type ChildSpec } from '../../../src/mcp/server-specs.ts';
import { callOptions, openHub } from './fixtures/servers.ts';

const asking = new URL('fixtures/asking-server.ts', import.meta.url);
const later = new URL('fixtures/later-server.ts', import.meta.url);

function third(script: URL): ChildSpec {
  return {
    kind: 'child',
    id: 'travel',
    title: 'Travel',
    command: process.execPath,
    args: [fileURLToPath(script)],
    env: baseEnvironment(process.env),
    trusted: false,
  };
}

function person(reply: ServerReply) {
  const asked: ServerQuestion[] = [];
  const forServer: ForServer = {
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(reply);
    },
    sample: undefined,
  };
  return { asked, forServer };
}

async function textOf(tool: string, forServer?: ForServer, input = {}, options = {}): Promise<unknown> {
  const hub = openHub([third(asking)], options);
  const outcome = await hub.call(`travel__${tool}`, input, callOptions(forServer === undefined ? {} : { forServer }));
  return JSON.parse(outcome.text) as unknown;
}

it.each<[ServerReply]>([
  [{ action: 'accept', content: { city: 'Ulm', seats: 2 } }],
  [{ action: 'decline' }],
  [{ action: 'cancel' }],
])("a server's form is shown to the user, and the answer reaches the server: %j", async (reply) => {
  const { asked, forServer } = person(reply);
  expect(await textOf('form', forServer)).toEqual(reply);
  expect(asked).toMatchObject([
    {
      kind: 'form',
      server: 'Travel',
      message: 'Where to?',
      fields: [
        { name: 'city', required: true },
        { name: 'seats', kind: 'integer', minimum: 1 },
      ],
    },
  ]);
});

it('a page that a server wants opened is shown to the user with its host', async () => {
  const { asked, forServer } = person({ action: 'accept' });
  expect(await textOf('page', forServer)).toEqual({ action: 'accept' });
  expect(asked).toMatchObject([{ kind: 'url', host: 'pay.example.com', url: 'https://pay.example.com/1?x=2' }]);
});

it.each([
  ['http://pay.example.com/'],
  ['javascript:alert(1)'],
  ['file:///etc/passwd'],
  ['https://user:secret@pay.example.com/'],
  ['vscode://settings'],
])('an unsafe URL is declined without asking: %s', async (url) => {
  const { asked, forServer } = person({ action: 'accept' });
  expect(await textOf('page', forServer, { url })).toEqual({ action: 'decline' });
  expect(asked).toEqual([]);
});

it('a server is declined if nobody can be asked', async () => {
  expect(await textOf('form')).toEqual({ action: 'decline' });
  expect(await textOf('form', { ask: undefined, sample: undefined })).toEqual({ action: 'decline' });
});

it('a server that asks while no call is in progress is declined', async () => {
  const { asked, forServer } = person({ action: 'accept', content: { city: 'Ulm' } });
  expect(await textOf('unasked', forServer)).toEqual({ action: 'decline' });
  expect(asked).toEqual([]);
});

it('a call that needs a page opened first says so, and can be made again', async () => {
  const hub = openHub([third(asking)]);
  const declined = openHub([third(asking)]);
  const { asked, forServer } = person({ action: 'accept' });
  const first = await hub.call('travel__page_first', {}, callOptions({ forServer }));
  expect(first).toMatchObject({ kind: 'failure', failure: { code: 'upstream_error', retryable: true } });
  expect(asked).toMatchObject([{ host: 'pay.example.com' }]);
  expect(await hub.call('travel__page_first', {}, callOptions({ forServer }))).toMatchObject({ text: '"paid"' });
  expect(await declined.call('travel__page_first', {}, callOptions())).toMatchObject({
    failure: { code: 'not_allowed', retryable: false },
  });
});

it("a call's time limit pauses while the user answers", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const times = { idleMs: 100, totalMs: 1000, settleMs: 10 };
  const limit = new CallLimit({ ...times, signal: new AbortController().signal, stop: undefined });
  limit.suspend();
  limit.suspend();
  limit.resume();
  limit.touch();
  vi.advanceTimersByTime(3_600_000);
  expect(limit.met).toBeUndefined();
  limit.resume();
  vi.advanceTimersByTime(99);
  expect(limit.met).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(limit.met).toBe('idle');
});

it('a server learns that it may ask the user, and the model only if allowed', async () => {
  expect(await textOf('capabilities')).toEqual({ elicitation: { form: {}, url: {} } });
  expect(await textOf('capabilities', undefined, {}, { allowSampling: true })).toMatchObject({ sampling: {} });
});

const sample: ForServer['sample'] = ({ system, messages, maxTokens }) =>
  Promise.resolve({ kind: 'text', text: `${system} ${messages[0]?.text} ${maxTokens}`, model: 'm', cut: false });

it('a server that may ask the model gets its answer, as text', async () => {
  const forServer = { ask: undefined, sample };
  expect(await textOf('sample', forServer, {}, { allowSampling: true })).toEqual({
    role: 'assistant',
    content: { type: 'text', text: 'Be brief. Which colour? 50' },
    model: 'm',
    stopReason: 'endTurn',
  });
});

it.each([
  ['is not allowed at all', { ask: undefined, sample }, {}, {}],
  ['is not allowed in this run', { ask: undefined, sample: undefined }, {}, { allowSampling: true }],
  [
    'has pictures',
    { ask: undefined, sample },
    { messages: [{ role: 'user', content: { type: 'image', data: 'AAAA', mimeType: 'image/png' } }] },
    { allowSampling: true },
  ],
])('a question to the model that %s is refused', async (_what, forServer, input, options) => {
  expect(await textOf('sample', forServer, input, options)).toMatchObject({ code: expect.any(Number) as number });
});

it('a server of the later revision asks back, too', async () => {
  const hub = openHub([third(later)]);
  const { asked, forServer } = person({ action: 'accept', content: { city: 'Ulm' } });
  expect(await hub.call('travel__book', {}, callOptions({ forServer }))).toMatchObject({ text: 'booked Ulm' });
  expect(asked).toMatchObject([{ kind: 'form', message: 'Where to?' }]);
  expect(await hub.call('travel__book', {}, callOptions())).toMatchObject({ text: 'not booked' });
});

it('progress that is too fast to read is not passed on', async () => {
  const hub = openHub([third(asking)]);
  const seen: unknown[] = [];
  await hub.call('travel__busy', {}, callOptions({ onProgress: (progress) => seen.push(progress) }));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.length).toBeLessThan(250);
});

it('a throttle allows a burst, and then a rate per second', () => {
  let time = 0;
  const passes = createThrottle(3, 2, () => time);
  const tenAt = (at: number): number => {
    time = at;
    return Array.from({ length: 10 }, passes).filter(Boolean).length;
  };
  expect([tenAt(0), tenAt(500), tenAt(600), tenAt(1000), tenAt(60_000)]).toEqual([3, 1, 0, 1, 3]);
});
