import { expect, it } from 'vitest';
import { readMcpPolicy } from '../../../../src/vscode/surface/mcp-policy.ts';

it.each([
  [{}, true],
  [{ 'chat.mcp.access': 'all' }, true],
  [{ 'chat.mcp.access': 'none' }, false],
  [{ 'chat.mcp.access': 'registry' }, false],
  [{ 'chat.mcp.enabled': false }, false],
  [{ 'chat.mcp.enabled': true }, true],
])('with %o additional servers may run: %s', (settings: Readonly<Record<string, unknown>>, allowed) => {
  const policy = readMcpPolicy((name) => settings[name]);
  expect(policy.allowed).toBe(allowed);
  if (!policy.allowed) expect(policy.reason).toMatch(/not started, because VS Code is set to chat\.mcp\./u);
});
