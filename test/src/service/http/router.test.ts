import { request as sendRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Call, Route } from '../../../../src/service/http/route.ts';
import { json, text } from '../../../../src/service/http/route.ts';
import { startListener, type Listener } from '../../../../src/service/http/start-listener.ts';

const logged: string[] = [];
const calls: Call[] = [];
const route = (method: Route['method'], path: string): Route => ({
  method,
  path,
  handle: (call) => {
    calls.push(call);
    return Promise.resolve(json(200, { parameters: call.parameters, bytes: call.body.length }));
  },
});
let finish: () => void = () => undefined;
let listener: Listener;

beforeAll(async () => {
  const background = new Promise<void>((resolve) => {
    finish = resolve;
  });
  listener = await startListener(
    { host: '127.0.0.1', port: 0 },
    [
      {
        routes: [
          route('GET', '/runs/:id'),
          route('POST', '/hooks/:name'),
          route('POST', '/both'),
          route('GET', '/both'),
        ],
      },
      {
        routes: [
          { method: 'GET', path: '/throws', handle: () => Promise.reject(new Error('secret detail')) },
          { method: 'GET', path: '/text', handle: () => Promise.resolve(text(200, 'ü')) },
        ],
        drain: () => background,
      },
    ],
    {
      log: (level, message, fields) => void logged.push(JSON.stringify({ level, message, fields })),
      mayBeBalanced: false,
    },
  );
});

afterAll(async () => {
  finish();
  await listener.drain();
});

const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${listener.origin}${path}`, init);

it('finds a route by method and path, with the values of its names', async () => {
  expect(await (await get('/runs/a%2Fb')).json()).toEqual({ parameters: { id: 'a/b' }, bytes: 0 });
  expect(await (await get('/hooks/prod', { method: 'POST', body: 'é' })).json()).toEqual({
    parameters: { name: 'prod' },
    bytes: 2,
  });
});

it.each([
  ['GET', '/runs', 404],
  ['GET', '/runs/', 404],
  ['GET', '/runs/a/b', 404],
  ['GET', '/runs/%zz', 404],
  ['GET', '/runs/../runs', 404],
  ['GET', '/__proto__', 404],
  ['POST', '/runs/1', 405],
  ['PUT', '/both', 405],
])('answers %s %s with %i', async (method, path, status) => {
  const response = await get(path, { method });
  expect(response.status).toBe(status);
  if (status === 405) expect(response.headers.get('allow')).toBe(path === '/both' ? 'POST, GET' : 'GET');
});

it('tells the log why a route failed, and the caller nothing', async () => {
  const response = await get('/throws?token=hidden');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret detail');
  const line = logged.find((each) => each.includes('secret detail'));
  expect(line).toContain('/throws');
  expect(line).not.toContain('hidden');
});

it('refuses a body that is too large, announced or not', async () => {
  const announced = await get('/hooks/a', { method: 'POST', body: Buffer.alloc(1024 * 1024 + 1) });
  expect(announced.status).toBe(413);
  const chunked = await new Promise<number | undefined>((resolve, reject) => {
    const sent = sendRequest(`${listener.origin}/hooks/a`, { method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    for (let part = 0; part < 3; part += 1) sent.write(Buffer.alloc(512 * 1024));
    sent.end();
  });
  expect(chunked).toBe(413);
});

it('lets no answer be stored or taken for another type', async () => {
  const response = await get('/text');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.text()).toBe('ü\n');
});

it('is alive and ready, until it drains; and then waits for what its features still do', async () => {
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(200);
  const drained: string[] = [];
  const other = await startListener(
    { host: '127.0.0.1', port: 0 },
    [{ routes: [], drain: () => Promise.resolve().then(() => void drained.push('feature')) }],
    { log: () => undefined, mayBeBalanced: false },
  );
  await other.drain();
  expect(drained).toEqual(['feature']);
  await expect(fetch(`${other.origin}/readyz`)).rejects.toThrow('fetch failed');
});
