import { expect, it } from 'vitest';
import * as z from 'zod';
import { mirroredHeaders, readMirrored } from '../../../src/mcp/client/mirrored-arguments.ts';
import type { RemoteSpec } from '../../../src/mcp/server-specs.ts';
import { listen, mcpListener } from './fixtures/remote.ts';
import { callOptions, never, openHub } from './fixtures/servers.ts';

const marked = (name: unknown, type = 'string') => ({ type, 'x-mcp-header': name });
const schema = (properties: Record<string, unknown>) => ({ type: 'object', properties });

it('marked arguments reach a server of the later revision as headers, and a tool with an invalid mark is omitted', async () => {
  const { url, requests } = await listen(
    mcpListener({
      legacy: 'reject',
      offer: (server) => {
        const region = z.string().meta({ 'x-mcp-header': 'Region' });
        const inputSchema = z.object({ region, at: z.object({ zone: z.int().meta({ 'x-mcp-header': 'Zone' }) }) });
        server.registerTool('near', { inputSchema }, ({ region: text }) => ({ content: [{ type: 'text', text }] }));
        const wrong = z.object({ region: z.string().meta({ 'x-mcp-header': 'two words' }) });
        server.registerTool('wrong', { inputSchema: wrong }, () => ({ content: [] }));
      },
    }),
  );
  const base = { kind: 'remote', id: 'far', title: 'Far', transport: 'http', headers: {}, trusted: false } as const;
  const spec: RemoteSpec = { ...base, url: `${url}/mcp` };
  const hub = openHub([spec]);
  expect((await hub.list(never)).map(({ plainName }) => plainName)).toEqual(['add', 'near']);
  const { state } = hub.states()[0] ?? {};
  expect(state).toMatchObject({ leftOut: [expect.stringContaining("'wrong': x-mcp-header of 'region'")] });
  const outcome = await hub.call('far__near', { region: 'Zürich', at: { zone: 3 } }, callOptions());
  expect(outcome).toMatchObject({ kind: 'result', text: 'Zürich' });
  expect(requests.at(-1)?.headers).toMatchObject({
    'mcp-param-region': '=?base64?WsO8cmljaA==?=',
    'mcp-param-zone': '3',
  });
});

it.each([
  ['text', 'us-west1', 'us-west1'],
  ['text with a space within', 'us west 1', 'us west 1'],
  ['text with a space at its end', 'us ', '=?base64?dXMg?='],
  ['no text', '', '=?base64??='],
  ['two lines', 'a\r\nb', '=?base64?YQ0KYg==?='],
  ['text that looks encoded', '=?base64?YQ==?=', '=?base64?PT9iYXNlNjQ/WVE9PT89?='],
  ['a boolean', false, 'false'],
  ['a number', -1.5, '-1.5'],
  ['a number that loses digits', 2 ** 60, undefined],
  ['null', null, undefined],
  ['nothing', undefined, undefined],
  ['an object', {}, undefined],
])('%s as a header', (_what, value, header) => {
  const headers = mirroredHeaders([{ path: ['a'], header: 'Mcp-Param-A' }], { a: value });
  expect(headers).toEqual(header === undefined ? {} : { 'Mcp-Param-A': header });
});

it.each([
  ['no name', schema({ a: marked('') })],
  ['a number for a name', schema({ a: marked(1) })],
  ['a colon in the name', schema({ a: marked('A:b') })],
  ['a name beyond ASCII', schema({ a: marked('Région') })],
  ['an object', schema({ a: marked('A', 'object') })],
  ['a fraction', schema({ a: marked('A', 'number') })],
  ['the same name twice', schema({ a: marked('A'), b: marked('a') })],
  ['the whole input', { ...schema({}), 'x-mcp-header': 'A' }],
  ['elements of an array', schema({ a: { type: 'array', items: marked('A') } })],
  ['an alternative', { ...schema({}), oneOf: [schema({ a: marked('A') })] }],
  ['a definition', { ...schema({}), $defs: { a: marked('A') } }],
])('a mark with or on %s is invalid', (_what, inputSchema) => {
  expect(readMirrored(inputSchema)).toEqual(expect.any(String));
});

it('an argument may have the name of the mark, and examples are not marks', () => {
  const inputSchema = schema({
    'x-mcp-header': { type: 'string' },
    b: { type: 'object', default: { 'x-mcp-header': 1 } },
  });
  expect(readMirrored(inputSchema)).toEqual([]);
});
