import { describe, expect, it } from 'vitest';
import { startClaude } from './stack/claude/start-claude.ts';
import { startJira } from './stack/jira/index.ts';
import { startSlack } from './stack/slack/slack.ts';
import { guardSecret } from './stack/traffic.ts';

const own = 'xoxb-traffic-0123456789-own';
const other = 'ATATT3x~traffic/other+token';
guardSecret('the token of another system', other);

const json = JSON.stringify;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Sends one request to a stand-in and ends it, which is when it tells what it saw. */
async function send(path: string, init: RequestInit): Promise<void> {
  const slack = await startSlack({ token: own });
  await (await fetch(`${slack.apiUrl}${path}`, { method: 'POST', ...init })).text();
  await slack.stop();
}

const escaped = (text: string): string =>
  text.replaceAll(/./g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
const percent = (text: string): string => Buffer.from(text).toString('hex').replaceAll(/../g, '%$&');

describe('a stand-in that was sent a secret', () => {
  it('says nothing of its own token in its own header', async () => {
    await send('auth.test', { headers: { authorization: `Bearer ${own}` } });
  });

  it.each([
    ['its own, in the body', 'auth.test', { body: `token=${own}` }, 'the bot token of Slack in the body of POST'],
    ['its own, in the address', `auth.test?token=${own}`, {}, 'the bot token of Slack in the address of POST'],
    ['its own, in the address of a GET', `auth.test?token=${own}`, { method: 'GET' }, 'in the address of GET'],
    ['its own, in another header', 'auth.test', { headers: { 'x-token': own } }, 'the bot token of Slack in x-token'],
    ["another's, in the header", 'auth.test', { headers: { authorization: `Bearer ${other}` } }, 'in authorization'],
    ["another's, as it is", 'chat.postMessage', { body: `see ${other}.` }, 'the token of another system in the body'],
    ['in a form', 'chat.postMessage', { body: new URLSearchParams({ text: other }) }, 'in the body'],
    [
      'in JSON in a form',
      'chat.postMessage',
      { body: new URLSearchParams({ blocks: json([{ text: other }]) }) },
      'body',
    ],
    ['escaped as JSON may', 'chat.postMessage', { body: `{"text":"${escaped(other)}"}` }, 'in the body'],
    ['escaped twice', 'chat.postMessage', { body: percent(percent(other)) }, 'in the body'],
    ['JSON in JSON', 'chat.postMessage', { body: json({ raw: json({ text: json(`"${escaped(other)}"`) }) }) }, 'body'],
    ['beside a wrong escape', 'chat.postMessage', { body: `100%, %zz ${percent(other)} \\u12` }, 'in the body'],
    ['in hex', 'chat.postMessage', { body: Buffer.from(other).toString('hex') }, 'in the body'],
    ['in base64', 'chat.postMessage', { body: base64(other) }, 'in the body'],
    ['in base64, one byte on', 'chat.postMessage', { body: `x${base64(`u${other}!`)}` }, 'in the body'],
    ['in base64, two bytes on', 'chat.postMessage', { body: base64(`me:${other}`) }, 'in the body'],
    [
      'in the base64 of addresses',
      'auth.test',
      { body: Buffer.from(`a:${other}`).toString('base64url') },
      'in the body',
    ],
  ] satisfies [string, string, RequestInit, string][])('tells of one %s', async (_, path, init, place) => {
    await expect(send(path, init)).rejects.toThrow(place);
  });

  it('tells of one in a request that it broke off', async () => {
    const slack = await startSlack();
    slack.misbehave({ method: 'chat.postMessage', fault: { kind: 'reset' } });
    await expect(fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', body: other })).rejects.toThrow();
    await expect(slack.stop()).rejects.toThrow('Slack was sent secrets: the token of another system in the body');
  });

  it('of Jira knows its token in the header of a password', async () => {
    const jira = await startJira({ token: 'ATATT-traffic-own' });
    const authorization = `Basic ${base64(`${jira.email}:${jira.token}`)}`;
    await (await fetch(`${jira.url}/rest/api/3/myself`, { headers: { authorization } })).text();
    await (await fetch(`${jira.url}/rest/api/3/issue/${base64(`a${jira.token}`)}`)).text();
    await expect(jira.stop()).rejects.toThrow(
      /^Jira was sent secrets: the token of Jira in the address of GET \/rest\/api\/3\/issue\/\w+$/,
    );
  });

  it('of Claude takes the key in either header, and nowhere else', async () => {
    const claude = await startClaude({ apiKey: 'sk-ant-traffic-own' });
    for (const headers of [{ 'x-api-key': 'sk-ant-traffic-own' }, { authorization: 'Bearer sk-ant-traffic-own' }])
      await (await fetch(`${claude.url}/v1/models`, { headers })).text();
    const body = json({ messages: [{ role: 'user', content: `key: sk-ant-traffic-own, token: ${other}` }] });
    await (await fetch(`${claude.url}/v1/messages`, { method: 'POST', body })).text();
    await expect(claude.stop()).rejects.toThrow(
      'Claude was sent secrets: the token of another system in the body of POST /v1/messages; ' +
        'the API key of Anthropic in the body of POST /v1/messages',
    );
  });
});
