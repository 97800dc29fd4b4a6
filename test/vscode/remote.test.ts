import { createServer } from 'node:net';
import { describe, expect } from 'vitest';
import { startHttp, stateFolder } from '../servers/http/harness.ts';
import { startAuthorizationServer } from '../src/mcp/fixtures/authorization-server.ts';
import type { Stack } from '../stack/stack.ts';
import { consent } from './window/consent.ts';
import { scene } from './window/scene.ts';

/** As in sign-in.test.ts: VS Code in a browser sends what is on 127.0.0.1 through its own server. */
const otherLoopback = '::1';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

let port = 0;

/** Jira's server runs elsewhere, for whoever has signed in. */
async function machineSettings({ environment }: Stack): Promise<Readonly<Record<string, unknown>>> {
  port = await freePort();
  const url = `http://127.0.0.1:${port}/mcp`;
  const authorization = await startAuthorizationServer(new Set([url]), otherLoopback, 'jira:read jira:write');
  const { JIRA_URL = '', JIRA_EMAIL = '', JIRA_TOKEN = '' } = environment;
  const state = { SWITCHBOARD_STATE_DIR: await stateFolder(), SWITCHBOARD_HTTP_ISSUER: authorization.url };
  await startHttp('jira', { JIRA_URL, JIRA_EMAIL, JIRA_TOKEN, ...state }, `127.0.0.1:${port}`);
  return { 'switchboard.remote': { jira: { url } } };
}

describe('one of our servers that runs elsewhere', () => {
  scene(
    'is signed in to in the browser, says as whom it acts, and its writes are approved like any',
    { connected: true, machineSettings },
    async ({ window, stack }) => {
      await window.run('Switchboard: Focus on Connections View');
      await window.page.getByRole('treeitem', { name: /^Jira, failed, .*asks for a sign-in/u }).waitFor();
      await window.run('Switchboard: Sign In to MCP Server...');
      const opened = window.page.context().waitForEvent('page');
      await window.quickInput.choose('Jira');
      const browser = await opened;
      await consent(browser);
      await browser.close();
      const place = new RegExp(`^Jira, ready, runs at 127\\.0\\.0\\.1:${port} as jane`, 'u');
      await window.page.getByRole('treeitem', { name: place }).waitFor();

      const input = { project_key: 'ENG', issue_type: 'Bug', summary: 'Orders fail since the deploy' };
      stack.claude?.play((conversation) =>
        conversation.exchanges.length > 0
          ? { text: 'The ticket is filed.' }
          : { text: 'I file it.', calls: [{ name: 'jira__create_jira_ticket', input }] },
      );
      await window.ask('File a ticket');
      await window.approve.click();
      await window.chat.getByText('The ticket is filed.').waitFor();
      expect(stack.jira.issues().map(({ fields }) => fields['summary'])).toContain(input.summary);
    },
  );
});
