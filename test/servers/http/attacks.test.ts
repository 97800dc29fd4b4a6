import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { containing, matching } from '../jira/harness.ts';
import { message, send, startAndEnd, startHttp, stateFolder, type HttpServer } from './harness.ts';

let jira: JiraStandIn;
const environment = (): Record<string, string> => ({
  JIRA_URL: jira.url,
  JIRA_EMAIL: jira.email,
  JIRA_TOKEN: jira.token,
});
let plain: HttpServer;
beforeAll(async () => {
  jira = await startJira();
  plain = await start();
});
afterAll(() => jira.stop());

const start = async (more: Record<string, string> = {}): Promise<HttpServer> =>
  startHttp('jira', { ...environment(), SWITCHBOARD_STATE_DIR: await stateFolder(), ...more });

const list = message('tools/list');
/** The log is another pipe than the answers. */
const patience = { timeout: 60_000 };

/** Bytes as they are, and what comes back until the server hangs up. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

describe.concurrent('a browser', () => {
  it('reaches the server only by its own names and from no page of others', async () => {
    const { port } = await start({ SWITCHBOARD_HTTP_ORIGINS: 'https://app.example.com' });
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await send(port, { headers, body: list })).status;
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'LOCALHOST', '[::1]:80'])
      expect([host, await status({ host })]).toEqual([host, 200]);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      'localhost@evil',
      'localhost:1:2',
      '0.0.0.0',
      'localhost.',
    ])
      expect([host, await status({ host })]).toEqual([host, 421]);
    for (const origin of [
      'https://evil.example',
      'null',
      'https://app.example.com.evil.example',
      'http://app.example.com',
      'file://',
      `http://localhost:${port}/x`,
      'https://app.example.com:444',
    ])
      expect([origin, await status({ origin })]).toEqual([origin, 403]);
    for (const origin of ['https://app.example.com', `http://localhost:${port}`])
      expect([origin, await status({ origin })]).toEqual([origin, 200]);
  });

  it('cannot send a form, and gets no permission to send more', async () => {
    const { port } = plain;
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
    ])
      expect((await send(port, { headers: { 'content-type': type }, body: list })).status).toBe(415);
    const asked = await send(port, { method: 'OPTIONS', headers: { origin: `http://localhost:${port}` } });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([405, undefined]);
  });
});

describe.concurrent('a body', () => {
  it('too large, declared or not, is refused before it is read', async () => {
    const { port } = plain;
    const large = `{"a":"${'x'.repeat(10 * 1024 * 1024)}"}`;
    expect((await send(port, { body: large })).status).toBe(413);
    expect((await send(port, { headers: { 'transfer-encoding': 'chunked' }, body: large })).status).toBe(413);
  });

  it('nested too deep, of several messages, compressed, or not JSON is refused, and the server goes on', async () => {
    const { port } = plain;
    const deep = (open: string, close: string, times: number): string =>
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":${open.repeat(times)}0${close.repeat(times)}}}`;
    const status = async (body: string | Buffer, headers = {}): Promise<number> =>
      (await send(port, { body, headers })).status;
    expect(await status(deep('[', ']', 62))).toBe(200);
    expect(await status(deep('[', ']', 63))).toBe(400);
    expect(await status(deep('{"a":', '}', 100_000))).toBe(400);
    expect(await status('['.repeat(4_000_000))).toBe(400);
    expect(await status(`[${list},${list}]`)).toBe(400);
    expect(await status(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe(400);
    expect(await status(list, { 'content-encoding': 'gzip' })).toBe(415);
    for (const body of [
      '',
      'null',
      '"x"',
      '7',
      '{}',
      '{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
      list.slice(1),
    ])
      expect([body, await status(body)]).toEqual([body, 400]);
    expect(await status(message('tools/list', { a: '[{"'.repeat(1000) }))).toBe(200);
  });
});

describe.concurrent('a request', () => {
  it('with two lengths, two bodies or a header twice is refused', async () => {
    const { port } = plain;
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    const length = `Content-Length: ${list.length}\r\n`;
    expect(await raw(port, `POST /mcp HTTP/1.1\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/u);
    const good = await raw(port, `${head}${length}\r\n${list}`);
    expect(good).toMatch(/^HTTP\/1\.1 200/u);
    for (const more of [
      `${length}Transfer-Encoding: chunked\r\n`,
      `${length}Content-Length: 3\r\n`,
      `${length}Host: evil.example\r\n`,
      `${length}Authorization: Bearer a\r\nAuthorization: Bearer b\r\n`,
      `${length}Content-Type: text/plain\r\n`,
      `Transfer-Encoding: chunked, identity\r\n`,
    ])
      expect([more, await raw(port, `${head}${more}\r\n${list}`)]).toEqual([more, matching(/^HTTP\/1\.1 400/u)]);
  });

  it('that comes too slowly is cut off', async () => {
    const { port } = plain;
    expect(await raw(port, 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408/u);
    await vi.waitFor(() => expect(plain.stderr()).toMatch(/refused a request.*"status":408/u), patience);
  });

  it('that is refused is in the log with the reason, whatever is wrong with it', async () => {
    const { port, stderr } = await start();
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n`;
    await raw(port, `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n${list}`);
    await raw(port, `${head}X-Large: ${'x'.repeat(40_000)}\r\n\r\n`);
    await raw(port, 'no HTTP at all\r\n\r\n');
    const body = 'x'.repeat(5 * 1024 * 1024);
    await send(port, { body });
    await send(port, { body: `{"a":${'['.repeat(100)}` });
    await send(port, { body: list, headers: { host: 'evil.example' } });
    await send(port, { body: list, headers: { origin: 'https://evil.example' } });
    await send(port, { body: list, headers: { 'content-type': 'text/plain' } });
    const statuses = () =>
      [...stderr().matchAll(/refused a request.*"status":(\d+),"why":"[^"]+"/gu)].map(([, status]) => status);
    const wanted = ['400', '431', '400', '413', '400', '421', '403', '415'];
    await vi.waitFor(() => expect(statuses()).toEqual(wanted), patience);
  });

  it('to any other path, or with another method, does nothing', async () => {
    const { port } = plain;
    const status = async (method: string, path: string): Promise<number> =>
      (await send(port, { method, path, ...(method === 'POST' && { body: list }) })).status;
    expect(await status('POST', '/')).toBe(404);
    expect(await status('POST', '/mcp/../x')).toBe(404);
    expect(await status('GET', '/mcp')).toBe(405);
    expect(await status('DELETE', '/mcp')).toBe(405);
    expect(await status('GET', '/livez')).toBe(200);
    expect(await status('GET', '/.well-known/oauth-protected-resource')).toBe(404);
  });

  it('of a caller with too many at the same time waits its turn', async () => {
    const { port } = await start({ SWITCHBOARD_HTTP_CONCURRENCY: '1' });
    const call = message('tools/call', { name: 'list_jira_projects', arguments: {} });
    const answers = await Promise.all(Array.from({ length: 4 }, () => send(port, { body: call })));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    for (const { headers } of refused) expect(headers['retry-after']).toBe('1');
  });

  it('whose headers say another method or version than its body is refused', async () => {
    const { port } = plain;
    const later = message('tools/call', {
      name: 'list_jira_projects',
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'x', version: '1' },
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    });
    const right = {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'list_jira_projects',
    };
    const status = async (headers: Record<string, string>, body = later): Promise<number> =>
      (await send(port, { headers, body })).status;
    expect(await status(right)).toBe(200);
    expect(await status({ ...right, 'mcp-method': 'tools/list' })).toBe(400);
    expect(await status({ ...right, 'mcp-name': 'create_jira_ticket' })).toBe(400);
    expect(await status({ ...right, 'mcp-protocol-version': '2025-11-25' })).toBe(400);
    expect(await status({}, list)).toBe(200);
    expect(await status({ 'mcp-protocol-version': '1999-01-01' }, list)).toBe(400);
    expect(await status({ 'mcp-method': 'tools/call' }, list)).toBe(400);
    expect(
      await status({ 'mcp-name': 'create_jira_ticket' }, message('tools/call', { name: 'list_jira_projects' })),
    ).toBe(400);
  });
});

describe.concurrent('a server that others could reach', () => {
  const tokens = { SWITCHBOARD_HTTP_TOKENS_FILE: '/dev/null' };
  const url = { SWITCHBOARD_HTTP_URL: 'https://mcp.example.com/jira' };
  it.each([
    ['without a way to know callers', {}, '0.0.0.0:0', 'SWITCHBOARD_HTTP_ISSUER'],
    [
      'on every address of IPv6',
      {},
      '[::]:0',
      '[::]:0 can be reached from other machines: set SWITCHBOARD_HTTP_ISSUER',
    ],
    ['without its public address', tokens, '0.0.0.0:0', 'SWITCHBOARD_HTTP_URL'],
    ['without shared state', { ...tokens, ...url }, '0.0.0.0:0', 'SWITCHBOARD_STATE_URL'],
    [
      'with keys for everybody',
      { SWITCHBOARD_HTTP_ISSUER: 'https://a', SWITCHBOARD_HTTP_ALGORITHMS: 'HS256' },
      '127.0.0.1:0',
      'SWITCHBOARD_HTTP_ALGORITHMS',
    ],
    [
      'with no signature',
      { SWITCHBOARD_HTTP_ISSUER: 'https://a', SWITCHBOARD_HTTP_ALGORITHMS: 'none' },
      '127.0.0.1:0',
      'SWITCHBOARD_HTTP_ALGORITHMS',
    ],
    [
      'with keys over http',
      { SWITCHBOARD_HTTP_ISSUER: 'http://idp.example' },
      '127.0.0.1:0',
      'SWITCHBOARD_HTTP_ISSUER',
    ],
    [
      'with a policy for nobody',
      { SWITCHBOARD_HTTP_POLICY_FILE: '/dev/null' },
      '127.0.0.1:0',
      'SWITCHBOARD_HTTP_POLICY_FILE',
    ],
    ['at no address', {}, '8080', '--http'],
  ])('does not start %s', async (_what, more, address, named) => {
    const { code, stderr } = await startAndEnd('jira', { ...environment(), ...more }, address);
    expect([code, stderr]).toEqual([78, containing(named)]);
  });
});
