import { expect, it } from 'vitest';
import { proxyFor } from '../../../servers/contract/network/proxy-choice.ts';
import { ownEnvironment } from '../../../src/mcp/server-specs.ts';
import { proxyVariables } from '../../../src/vscode/proxy-settings.ts';

const read = (settings: Record<string, unknown>) => (name: string) => settings[name];
const model = new URL('https://api.anthropic.com/v1/messages');

it("VS Code's proxy settings take precedence over the environment for the model and the servers", () => {
  const settings = {
    proxy: 'http://proxy.example:3128',
    proxyAuthorization: `Basic ${Buffer.from('me:p@ss:word').toString('base64')}`,
    noProxy: ['*.intern.example', '10.0.0.0/8'],
  };
  const variables = { HTTPS_PROXY: 'http://other.example:1', NO_PROXY: '*', ...proxyVariables(read(settings)) };
  expect(proxyFor(model, variables)?.href).toBe('http://me:p%40ss%3Aword@proxy.example:3128/');
  expect(proxyFor(new URL('https://jira.intern.example'), variables)).toBeUndefined();
  expect(proxyFor(new URL('http://127.0.0.1:4000'), variables)).toBeUndefined();
  const child = ownEnvironment('jira', { ...variables, JIRA_URL: 'https://jira.example' });
  expect(proxyFor(new URL('https://jira.example'), child)?.host).toBe('proxy.example:3128');
});

it('without proxy settings the environment applies, and turning proxy support off disables both', () => {
  const environment = { HTTPS_PROXY: 'http://other.example:1' };
  expect(proxyFor(model, { ...environment, ...proxyVariables(read({ proxy: '' })) })?.host).toBe('other.example:1');
  expect(proxyFor(model, { ...environment, ...proxyVariables(read({ proxySupport: 'off' })) })).toBeUndefined();
  expect(proxyFor(model, proxyVariables(read({ proxy: 'proxy.example:8080' })))?.host).toBe('proxy.example:8080');
});
