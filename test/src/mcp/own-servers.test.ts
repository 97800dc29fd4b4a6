import { expect, it } from 'vitest';
import { ownRemoteSpec } from '../../../src/mcp/remote/own-servers.ts';

const flawOf = (url: string): string | undefined =>
  ownRemoteSpec('jira', { SWITCHBOARD_REMOTE_JIRA: url, SWITCHBOARD_REMOTE_JIRA_TOKEN: 'token' })?.flaw;

it.each([
  'https://mcp.example.com',
  'https://mcp.example.com/jira/mcp',
  'http://127.0.0.1:8080/mcp',
  'http://[::1]:8080/mcp',
])('%s can be used', (url) => {
  expect(flawOf(url)).toBeUndefined();
});

it.each([
  ['https://mcp.example.com/mcp?token=hush-hush', 'must end with the path'],
  ['https://mcp.example.com/mcp?', 'must end with the path'],
  ['https://mcp.example.com/mcp#access_token=hush-hush', 'must end with the path'],
  ['https://me:hush-hush@mcp.example.com/mcp', 'put credentials in headers'],
  ['https://me:hush-hush@mcp.example.com:https/mcp', 'the port must be a number'],
  ['https://[::1]:65536/mcp', 'the port must be a number'],
  ['https://?token=hush-hush', 'is not an address'],
  ['hush-hush', 'is not an address'],
])('%s is refused, and not repeated', (url, flaw) => {
  expect(flawOf(url)).toContain(flaw);
  expect(flawOf(url)).not.toContain('hush-hush');
});
