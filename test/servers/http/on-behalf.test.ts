import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { approvedBytes } from '../../../servers/contract/approved-bytes.ts';
import { metaKeys } from '../../../servers/contract/meta.ts';
import { previewSchema } from '../../../servers/contract/preview.ts';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';
import { startSlack, type SlackStandIn } from '../../stack/slack/slack.ts';
import { containing } from '../jira/harness.ts';
import { callTool } from './calls.ts';
import { startHttp, stateFolder } from './harness.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const audience = 'https://mcp.example.com/here';
let jira: JiraStandIn;
let dataCenter: JiraStandIn;
let slack: SlackStandIn;
let issuer: TestIssuer;
let ports: Record<'jira' | 'dataCenter' | 'slack', number>;

beforeAll(async () => {
  [jira, dataCenter, slack, issuer] = await Promise.all([
    startJira(),
    startJira({ flavour: 'data-center' }),
    startSlack(),
    startIssuer(audience),
  ]);
  const shared = async () => ({
    SWITCHBOARD_STATE_DIR: await stateFolder(),
    SWITCHBOARD_HTTP_URL: audience,
    SWITCHBOARD_HTTP_ISSUER: issuer.url,
  });
  const servers = await Promise.all([
    startHttp('jira', { ...(await shared()), JIRA_URL: jira.url, JIRA_EMAIL: jira.email, JIRA_TOKEN: jira.token }),
    startHttp('jira', { ...(await shared()), JIRA_URL: dataCenter.url, JIRA_PAT: dataCenter.token }),
    startHttp('slack', { ...(await shared()), SLACK_BOT_TOKEN: slack.token, SLACK_API_URL: slack.apiUrl }),
  ]);
  ports = { jira: servers[0].port, dataCenter: servers[1].port, slack: servers[2].port };
});
afterAll(() => Promise.all([jira.stop(), dataCenter.stop(), slack.stop(), issuer.stop()]));

const scope = 'jira:read jira:write slack:read slack:write';
const tokenOf = (email: string): Promise<string> => issuer.sign({ scope, sub: `id-of-${email.length}`, email });
const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'Checkout fails', description: 'It says 500.' };

/** Previews as one and runs with the approval of those bytes as another, or the same. */
async function approve(
  where: keyof typeof ports,
  name: string,
  input: Record<string, unknown>,
  [shownTo, runBy = shownTo]: [string, string?],
) {
  const preview = async (email: string) => {
    const meta = { [metaKeys.preview]: true };
    const { structured } = await callTool(ports[where], name, input, { token: await tokenOf(email), meta });
    return previewSchema.parse(structured['preview']);
  };
  const shown = await preview(shownTo);
  const approval = { id: 'a', decision: 'approved', by: 'person', sha256: approvedBytes(shown) };
  const meta = { [metaKeys.approval]: approval, [metaKeys.idempotencyKey]: randomUUID() };
  const { structured } = await callTool(ports[where], name, input, { token: await tokenOf(runBy), meta });
  return { shown, structured };
}

describe('what the server writes with its own account', () => {
  it.each(['jira', 'dataCenter'] as const)(
    'says for whom it was filed, and the preview shows it (%s)',
    async (where) => {
      const { shown, structured } = await approve(where, 'create_jira_ticket', bug, ['anna@example.com']);
      expect(structured).toMatchObject({ outcome: 'done' });
      for (const text of [shown.body, shown.raw])
        expect(text.replaceAll('\\', '')).toContain('Filed by Switchboard for anna@example.com');
      const site = where === 'jira' ? jira : dataCenter;
      expect(JSON.stringify(site.issues().at(-1)).replaceAll('\\', '')).toContain(
        'Filed by Switchboard for anna@example.com',
      );
      const note = { issue_key: structured['issue_key'], body: 'Seen again.' };
      const commented = await approve(where, 'add_jira_comment', note, ['ben@example.com']);
      expect(commented.structured).toMatchObject({ outcome: 'done' });
      expect(commented.shown.body.replaceAll('\\', '')).toMatch(
        /^Seen again\.\n\n.*Written by Switchboard for ben@example\.com/u,
      );
    },
  );

  it('without a description, and with one that is too long', async () => {
    const { description: _, ...short } = bug;
    const brief = await approve('jira', 'create_jira_ticket', short, ['anna@example.com']);
    expect(brief.structured).toMatchObject({ outcome: 'done' });
    expect(JSON.stringify(jira.issues().at(-1))).toContain('Filed by Switchboard for anna@example.com');
    const long = { ...bug, description: 'All of it.\n\n'.repeat(4000) };
    const cut = await approve('jira', 'create_jira_ticket', long, ['anna@example.com']);
    expect(cut.structured).toMatchObject({ outcome: 'done' });
    expect(JSON.stringify(jira.issues().at(-1))).toContain('Filed by Switchboard for anna@example.com');
  });

  it('is no personal data by that line, and still is by another address', async () => {
    for (const where of ['jira', 'dataCenter'] as const) {
      const { shown } = await approve(where, 'create_jira_ticket', bug, ['anna@example.com']);
      expect(shown.personalData).toBeUndefined();
      const telling = { ...bug, description: 'Ask carla@example.com, for anna@example.com.' };
      const named = await approve(where, 'create_jira_ticket', telling, ['anna@example.com']);
      expect(named.shown.personalData).toEqual([
        'an email address (c…@example.com)',
        'an email address (a…@example.com)',
      ]);
    }
    const post = { channel: '#operations', text: 'Orders fail.' };
    const { shown } = await approve('slack', 'post_slack_message', post, ['anna@example.com']);
    expect(shown.personalData).toBeUndefined();
  });

  it('says in Slack for whom it was sent', async () => {
    const post = { channel: '#operations', text: 'Orders fail.' };
    const { shown, structured } = await approve('slack', 'post_slack_message', post, ['anna@example.com']);
    expect(structured).toMatchObject({ outcome: 'done' });
    expect(shown.body.replaceAll('\\', '')).toContain('Sent by Switchboard for anna@example.com');
    expect(slack.messages('#operations').at(-1)).toMatchObject({
      text: containing('Sent by Switchboard for anna@example.com'),
    });
    const change = { channel: '#operations', ts: structured['ts'], text: shown.body };
    const changed = await approve('slack', 'update_slack_message', change, ['anna@example.com']);
    expect(changed.structured).toMatchObject({ outcome: 'done' });
    expect(
      JSON.stringify(slack.messages('#operations').at(-1))
        .match(/"blocks".*/u)?.[0]
        .split('for anna@example.com'),
    ).toHaveLength(2);
    const file = { channel: '#operations', filename: 'a.csv', content: 'a,b\n1,2' };
    const sent = await approve('slack', 'upload_slack_file', file, ['anna@example.com']);
    expect(sent.shown.body).toContain('Sent by Switchboard for anna@example.com');
  });

  it('does not say it is for an address that the issuer has not verified', async () => {
    const token = await issuer.sign({ scope, sub: 'eve', email: 'boss@example.com', email_verified: false });
    const post = { channel: '#operations', text: 'Pay this at once.' };
    const { structured } = await callTool(ports.slack, 'post_slack_message', post, { token });
    expect(structured).toMatchObject({ outcome: 'done' });
    expect(slack.messages('#operations').at(-1)?.text).toMatch(/Sent by Switchboard for eve$/u);
  });

  it('is refused with an approval that another person gave', async () => {
    const post = { channel: '#operations', text: 'Orders fail again.' };
    const before = slack.messages('#operations').length;
    const { structured } = await approve('slack', 'post_slack_message', post, ['anna@example.com', 'ben@example.com']);
    expect(structured).toMatchObject({ error: { code: 'conflict' } });
    expect(slack.messages('#operations')).toHaveLength(before);
  });

  it.each(['<!channel>', '**boss** [x](https://evil.example)', 'a\u202eb\n\n# Done', 'h1. x {code}'])(
    'shows the name %j as text',
    async (name) => {
      const post = { channel: '#operations', text: 'Named.' };
      const posted = await approve('slack', 'post_slack_message', post, [name]);
      expect(posted.structured).toMatchObject({ outcome: 'done' });
      const message = JSON.stringify(slack.messages('#operations').at(-1));
      expect(message).not.toMatch(/<!|"type":"(?:link|broadcast|user)"|\u202e/u);
      const filed = await approve('dataCenter', 'create_jira_ticket', bug, [name]);
      expect(filed.structured).toMatchObject({ outcome: 'done' });
      expect(filed.shown.linkHosts).toEqual([]);
      const description = z.looseObject({ fields: z.looseObject({ description: z.string() }) });
      const { fields } = description.parse(JSON.parse(filed.shown.raw));
      expect(fields.description.split('\n').at(-1)).toMatch(/^_Filed by Switchboard for [^<*#{![]*_$/u);
    },
  );
});
