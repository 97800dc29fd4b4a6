import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createRenewable } from '../../../servers/contract/secrets/renewable.ts';
import type { ToolError } from '../../../servers/kit/errors.ts';
import { createPauses } from '../../../servers/kit/pauses.ts';
import { baseUrl } from '../../../servers/kit/upstream/base-url.ts';
import { createJsonApi, type JsonRequest } from '../../../servers/kit/upstream/json-api.ts';
import { listen } from '../../stack/listen.ts';
import { endless, raw, startUpstream } from '../../stack/upstream.ts';

const never = new AbortController().signal;
const read: JsonRequest = { method: 'GET', path: '/items' };
const write: JsonRequest = { method: 'POST', path: '/items', body: { title: 'A' } };
const item = z.object({ id: z.string() });

async function start(tokens: readonly string[] = ['first-token']) {
  const upstream = await startUpstream('Notes', { 'the token of Notes': tokens[0] ?? '' });
  onTestFinished(() => upstream.stop());
  const [first = '', ...later] = tokens;
  const token = createRenewable(first, () => Promise.resolve(later.shift() ?? first));
  const api = createJsonApi({
    system: 'Notes',
    baseUrl: upstream.url,
    tokenVariable: 'NOTES_TOKEN',
    token: () => Promise.resolve(token),
    pauses: createPauses(),
  });
  const fail = (request: JsonRequest, signal = never): Promise<ToolError> =>
    api.send(request, item, signal).then(
      () => Promise.reject(new Error('it did not fail')),
      (error: ToolError) => error,
    );
  return { upstream, api, fail };
}

describe('a JSON API', () => {
  it('is asked with the token, and its response is checked', async () => {
    const { upstream, api, fail } = await start();
    upstream.on('GET /items', { id: '7', more: true });
    expect(await api.send({ ...read, query: { search: 'a&b', cursor: undefined } }, item, never)).toEqual({ id: '7' });
    const [request] = upstream.requests;
    expect(request?.headers.authorization).toBe('Bearer first-token');
    expect([...(request?.query ?? [])]).toEqual([['search', 'a&b']]);
    upstream.on('GET /items', { number: 7 });
    expect(await fail(read)).toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('id') as string,
    });
    upstream.on('GET /items', raw(200, '<html>'));
    expect(await fail(read)).toMatchObject({ code: 'upstream_error' });
    expect(await fail(write)).toMatchObject({ code: 'not_found' });
    upstream.on('DELETE /items/7', raw(204, ''));
    expect(await api.send({ method: 'DELETE', path: '/items/7' }, z.object({}), never)).toEqual({});
  });

  it.each([
    [400, 'invalid_arguments', 'invalid_arguments'],
    [401, 'unauthorized', 'unauthorized'],
    [403, 'forbidden', 'forbidden'],
    [404, 'not_found', 'not_found'],
    [409, 'conflict', 'conflict'],
    [413, 'too_large', 'too_large'],
    [302, 'upstream_error', 'upstream_error'],
    [408, 'upstream_error', 'outcome_unknown'],
    [500, 'upstream_error', 'outcome_unknown'],
  ])('that answers %i: a read fails as %s, a write as %s', async (status, ofRead, ofWrite) => {
    const { upstream, fail } = await start();
    const answer = raw(status, '{"message":"No."}', { location: 'http://127.0.0.1:1/elsewhere' });
    upstream.on('GET /items', answer);
    upstream.on('POST /items', answer);
    expect((await fail(read)).code).toBe(ofRead);
    expect((await fail(write)).code).toBe(ofWrite);
    expect(upstream.requests).toHaveLength(2);
  });

  it('that asks to wait is not asked again before', async () => {
    const { upstream, fail } = await start();
    upstream.on('POST /items', raw(429, '{}', { 'retry-after': '60' }));
    expect(await fail(write)).toMatchObject({ code: 'rate_limited', retryAfterMs: 60_000 });
    expect((await fail(read)).code).toBe('rate_limited');
    expect(upstream.requests).toHaveLength(1);
  });

  it('that rejects a token is asked once more with the rotated one', async () => {
    const { upstream, api } = await start(['first-token', 'second-token']);
    upstream.on('POST /items', ({ headers }, response) => {
      const isNew = headers.authorization === 'Bearer second-token';
      response.writeHead(isNew ? 201 : 401, { 'content-type': 'application/json' }).end('{"id":"8"}');
    });
    expect(await api.send(write, item, never)).toEqual({ id: '8' });
    expect(upstream.requests).toHaveLength(2);
  });

  it('that breaks off: a read can be repeated, of a write nobody knows', async () => {
    const { upstream, fail } = await start();
    const cut = (_: unknown, response: { destroy: () => void }) => response.destroy();
    upstream.on('GET /items', cut);
    upstream.on('POST /items', cut);
    expect(await fail(read)).toMatchObject({ code: 'unreachable', retryable: true });
    expect(await fail(write)).toMatchObject({ code: 'outcome_unknown', retryable: false });
  });

  it('whose response never ends is cut', async () => {
    const { upstream, fail } = await start();
    upstream.on('GET /items', endless);
    upstream.on('POST /items', endless);
    expect((await fail(read)).code).toBe('too_large');
    expect((await fail(write)).code).toBe('outcome_unknown');
  });

  it('is not asked by a call that was cancelled, and a read ends with its call', async () => {
    const { upstream, fail } = await start();
    const cancelled = new AbortController();
    upstream.on('GET /items', () => cancelled.abort());
    expect((await fail(read, cancelled.signal)).code).toBe('cancelled');
    expect((await fail(write, cancelled.signal)).code).toBe('cancelled');
    expect(upstream.requests).toHaveLength(1);
  });

  it.each(['/items/../admin', '/items/%2e%2e/admin', '/items/a b', '/..', '/items\\..\\x'])(
    'is not asked for %s, which leads elsewhere',
    async (path) => {
      const { upstream, fail } = await start();
      expect((await fail({ method: 'GET', path })).code).toBe('invalid_arguments');
      expect(upstream.requests).toEqual([]);
    },
  );

  it('that is away is not waited for: after three failures, calls are answered at once', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const token = createRenewable('a-token-of-notes', () => Promise.resolve('a-token-of-notes'));
    const api = createJsonApi({
      system: 'Notes',
      baseUrl: `http://127.0.0.1:${port}`,
      tokenVariable: 'NOTES_TOKEN',
      token: () => Promise.resolve(token),
      pauses: createPauses(),
    });
    for (let tries = 0; tries < 3; tries += 1)
      await expect(api.send(write, item, never)).rejects.toMatchObject({
        code: 'unreachable',
        message: 'Notes cannot be reached; nothing was sent.',
      });
    await expect(api.send(write, item, never)).rejects.toThrow(/has been unreachable since/);
  });
});

describe('a base URL', () => {
  it.each([
    ['https://notes.example.com/', 'https://notes.example.com'],
    ['https://notes.example.com/api//', 'https://notes.example.com/api'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is taken', (text, url) => {
    expect(baseUrl.parse(text)).toBe(url);
  });

  it.each([
    'notes.example.com',
    'ftp://notes.example.com',
    'https://user:pass@notes.example.com',
    'https://notes.example.com?x=1',
    'https://notes.example.com#x',
    'http://notes.example.com',
    'http://127.0.0.1.example.com',
    'http://10.0.0.7',
  ])('%s is refused', (text) => {
    expect(baseUrl.safeParse(text).success).toBe(false);
  });
});
