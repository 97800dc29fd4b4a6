import { afterAll, beforeAll, expect, test } from 'vitest';
import { startJira, type JiraStandIn } from '../../stack/jira/index.ts';

// The pitfalls of the real API. The stand-in must have them for the server tests to be meaningful.
let jira: JiraStandIn;

beforeAll(async () => {
  jira = await startJira();
});
afterAll(() => jira.stop());

async function ask(method: string, path: string, body?: unknown) {
  const authorization = `Basic ${Buffer.from(`${jira.email}:${jira.token}`).toString('base64')}`;
  const response = await fetch(`${jira.url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : text) as unknown };
}

const doc = (...content: unknown[]) => ({ type: 'doc', version: 1, content });
const fields = { project: { key: 'ENG' }, issuetype: { name: 'Bug' }, summary: 'A <b>bug</b> & more' };

test('a failed create wastes a number', async () => {
  expect((await ask('POST', '/rest/api/3/issue', { fields })).body).toMatchObject({ key: 'ENG-1' });
  expect((await ask('POST', '/rest/api/3/issue', { fields: { ...fields, summary: 'x'.repeat(256) } })).body).toEqual({
    errorMessages: [],
    errors: { summary: "Summary can't exceed 255 characters." },
  });
  expect((await ask('POST', '/rest/api/3/issue', { fields })).body).toMatchObject({ key: 'ENG-3' });
});

test('descriptions are documents, valid and within the limit', async () => {
  const refused = async (description: unknown) =>
    (await ask('POST', '/rest/api/3/issue', { fields: { ...fields, description } })).body;
  expect(await refused('text')).toMatchObject({ errors: { description: expect.any(String) as unknown } });
  expect(await refused(doc({ type: 'paragraph', content: [{ type: 'text', text: '' }] }))).toMatchObject({
    errorMessages: ['INVALID_INPUT', expect.any(String) as unknown],
  });
  expect(
    await refused(doc({ type: 'paragraph', content: [{ type: 'text', text: 'x'.repeat(33_000) }] })),
  ).toMatchObject({ errorMessages: ['CONTENT_LIMIT_EXCEEDED'] });
});

test('the old search is gone; the new one needs a restriction and returns only ids by default', async () => {
  expect(await ask('GET', '/rest/api/3/search?jql=project=ENG')).toMatchObject({ status: 410 });
  expect(await ask('POST', '/rest/api/3/search/jql', { jql: 'ORDER BY created' })).toMatchObject({ status: 400 });
  expect((await ask('POST', '/rest/api/3/search/jql', { jql: 'key = ENG-1' })).body).toEqual({
    issues: [{ id: '10001' }],
    isLast: true,
  });
});

test('credentials are required, hidden issues are missing, and XSRF is checked', async () => {
  expect((await fetch(`${jira.url}/rest/api/3/myself`)).status).toBe(401);
  expect(await ask('GET', '/rest/api/3/issue/VAULT-1')).toMatchObject({ status: 404 });
  expect(await ask('POST', '/rest/api/3/issue/ENG-1/attachments')).toMatchObject({ status: 403 });
});

test('people can view an issue, and its content is not executed', async () => {
  await ask('POST', '/rest/api/3/issue', {
    fields: {
      ...fields,
      description: doc({
        type: 'paragraph',
        content: [
          {
            type: 'text',
            text: '<script>alert(1)</script>',
            marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }],
          },
        ],
      }),
    },
  });
  const key = jira.issues().at(-1)?.key ?? '';
  const response = await fetch(jira.browseUrl(key));
  const html = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(html).toContain('A &#60;b&#62;bug&#60;/b&#62; &#38; more');
  expect(html).not.toContain('<script>');
  expect(html).not.toContain('javascript:');
  expect((await fetch(jira.browseUrl('ENG-404'))).status).toBe(404);
  expect(await (await fetch(`${jira.url}/`)).text()).toContain(`/browse/${key}`);
});
