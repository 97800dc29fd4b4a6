import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bug, containing, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
let session: Session;
beforeAll(async () => {
  fixture = await startFixture();
  session = await fixture.open();
});
afterAll(() => fixture.stop());

const text = (value: string, ...marks: unknown[]) => ({
  type: 'text',
  text: value,
  ...(marks.length > 0 && { marks }),
});
const paragraph = (...content: unknown[]) => ({ type: 'paragraph', content });
const screen = {
  type: 'mediaSingle',
  attrs: { layout: 'center', width: 50 },
  content: [{ type: 'media', attrs: { type: 'file', id: 'f1-2', collection: 'c', alt: 'screen.png', width: 640 } }],
};
const alice = { type: 'mention', attrs: { id: '5b10a2844c20165700ede21g', text: '@Alice Adams', accessLevel: '' } };
const cell = (...content: unknown[]) => ({ type: 'tableCell', attrs: {}, content });
const item = (...content: unknown[]) => ({ type: 'listItem', content });

/** As written by Jira's editor. */
const written = [
  { type: 'heading', attrs: { level: 2 }, content: [text('Steps')] },
  paragraph(text('ask '), alice, text(' by '), { type: 'date', attrs: { timestamp: '1795910400000' } }),
  paragraph(),
  screen,
  {
    type: 'panel',
    attrs: { panelType: 'custom', panelColor: '#fedec8', panelIcon: ':fire:' },
    content: [paragraph(text('hot'))],
  },
  {
    type: 'expand',
    attrs: { title: 'Logs' },
    content: [{ type: 'codeBlock', attrs: { language: 'log' }, content: [text('a|b')] }],
  },
  paragraph(
    { type: 'status', attrs: { text: 'DONE', color: 'green', localId: 's1', style: '' } },
    text(' '),
    { type: 'inlineCard', attrs: { url: 'https://example.com/card' } },
    text(' red', { type: 'textColor', attrs: { color: '#ff5630' } }),
    text(' trailing '),
    { type: 'hardBreak' },
  ),
  {
    type: 'table',
    attrs: { isNumberColumnEnabled: false, layout: 'default', localId: 't1' },
    content: [
      { type: 'tableRow', content: [{ ...cell(paragraph(text('two'))), attrs: { colspan: 2, background: '#fff' } }] },
      {
        type: 'tableRow',
        content: [
          cell({ type: 'bulletList', content: [item(paragraph(text('one'))), item(paragraph(text('two')))] }),
          cell({ type: 'codeBlock', attrs: {}, content: [text('x\ny | z')] }),
        ],
      },
    ],
  },
  {
    type: 'decisionList',
    attrs: { localId: 'd1' },
    content: [{ type: 'decisionItem', attrs: { localId: 'd2', state: 'DECIDED' }, content: [text('ship')] }],
  },
  paragraph(text('end')),
];

/** An issue with a description written by someone else. */
async function issueWith(content: readonly unknown[]): Promise<string> {
  const { structured } = await session.call('create_jira_ticket', bug);
  const { url, email, token } = fixture.jira;
  const answer = await fetch(`${url}/rest/api/3/issue/${structured.issue_key}`, {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}`,
    },
    body: JSON.stringify({ fields: { description: { type: 'doc', version: 1, content } } }),
  });
  expect(answer.status).toBe(204);
  return structured.issue_key;
}

async function descriptionOf(key: string): Promise<string> {
  const { structured } = await session.call('get_jira_issue', { issue_key: key });
  return (structured['issue'] as { description: string }).description;
}

const kept = (key: string) => fixture.jira.issues().find((issue) => issue.key === key)?.fields['description'];

describe('a description that is read and written back', () => {
  test('stays the same document, including what Markdown cannot express', async () => {
    const key = await issueWith(written);
    const read = await descriptionOf(key);
    const answer = await session.call('update_jira_issue', { issue_key: key, description: read });
    expect(answer.structured['warnings']).toEqual([]);
    expect(kept(key)).toEqual({ type: 'doc', version: 1, content: written });
  });

  test('keeps everything else when a sentence is added or changed', async () => {
    const key = await issueWith(written);
    const read = await descriptionOf(key);
    const changed = read.replace('ask ', 'please ask ').replace('end', 'end of it');
    const answer = await session.call('update_jira_issue', { issue_key: key, description: `First.\n\n${changed}` });
    expect(answer.structured['warnings']).toEqual([]);
    const { content } = kept(key) as { content: unknown[] };
    expect(content).toHaveLength(written.length + 1);
    expect(content.slice(4, 10)).toEqual(written.slice(3, 9));
    expect(JSON.stringify(content[2])).toContain('"id":"5b10a2844c20165700ede21g"');
  });

  test('loses no image, and reports other losses before and after', async () => {
    const key = await issueWith(written);
    const input = { issue_key: key, description: 'New text' };
    const said = [
      'Moved to the end, because Jira deletes attachments that the text no longer shows: screen.png.',
      containing('the mention of Alice Adams'),
    ];
    const { preview } = (await session.call('update_jira_issue', input, { preview: true })).structured;
    expect(preview.warnings).toEqual(said);
    for (const part of [
      'custom panel “hot”',
      'section “Logs”',
      'status DONE',
      'merged cells',
      'colored text',
      'decision “ship”',
    ])
      expect(preview.warnings[1]).toContain(part);
    expect((await session.call('update_jira_issue', input)).structured['warnings']).toEqual(said);
    expect(kept(key)).toMatchObject({ content: [paragraph(text('New text')), screen] });
    await session.call('update_jira_issue', { issue_key: key, description: '' });
    expect(kept(key)).toMatchObject({ content: [screen] });
  });

  test('shows an image where the text places it', async () => {
    const key = await issueWith([paragraph(text('one')), screen]);
    const description = 'Above\n\n![screen.png](media:f1-2)\n\nBelow';
    expect((await session.call('update_jira_issue', { issue_key: key, description })).structured['warnings']).toEqual(
      [],
    );
    expect(kept(key)).toMatchObject({ content: [paragraph(text('Above')), screen, paragraph(text('Below'))] });
  });
});

test('reading names what Markdown cannot keep', async () => {
  const key = await issueWith(written);
  const { structured, text: said } = await session.call('get_jira_issue', { issue_key: key });
  expect(structured['issue']).toMatchObject({
    description: containing('@Alice Adams [~accountid:5b10a2844c20165700ede21g]'),
  });
  expect(said).toContain('merged cells');
  expect(said).toContain('lists, code or paragraphs in a table cell');
});

describe('a text over the limit', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} of the log`);
  const description = `# Head\n\n\`\`\`\n${lines.join('\n')}\n\`\`\``;

  test('becomes an attachment, with its beginning in place', async () => {
    const input = { ...bug, description };
    const { preview } = (await session.call('create_jira_ticket', input, { preview: true })).structured;
    expect(preview.warnings).toContainEqual(containing('becomes the attachment description.md'));
    expect(JSON.parse(preview.raw)).toMatchObject({ attachment: { filename: 'description.md', content: description } });
    const { structured } = await session.call('create_jira_ticket', input);
    const issue = fixture.jira.issues().find(({ key }) => key === structured.issue_key);
    expect(issue?.attachments[0]?.content.toString()).toBe(description);
    expect(JSON.stringify(issue?.fields['description'])).toContain('line 1000 of the log');
    expect(JSON.stringify(issue?.fields['description'])).toContain('The full text is attached: description.md');
  });

  test('also in a comment and an update', async () => {
    const key = await issueWith([paragraph(text('x'))]);
    await session.call('add_jira_comment', { issue_key: key, body: description });
    await session.call('update_jira_issue', { issue_key: key, description });
    const issue = fixture.jira.issues().find((one) => one.key === key);
    expect(issue?.attachments.map(({ filename }) => filename)).toEqual(['body.md', 'description.md']);
  });

  test('also in a multi-line field, besides the description', async () => {
    const environment = lines.join('\n');
    const files = ['description.md', 'fields-Environment.md'];
    const input = { ...bug, description, fields: { Environment: environment } };
    const { preview } = (await session.call('create_jira_ticket', input, { preview: true })).structured;
    expect(JSON.parse(preview.raw)).toMatchObject({ attachments: files.map((filename) => ({ filename })) });
    const { structured } = await session.call('create_jira_ticket', input);
    const issue = () => fixture.jira.issues().find(({ key }) => key === structured.issue_key);
    expect(issue()?.attachments.map(({ filename }) => filename)).toEqual(files);
    expect(issue()?.attachments[1]?.content.toString()).toBe(environment);
    expect(JSON.stringify(issue()?.fields['environment'])).toContain('line 1000 of the log');
    await session.call('update_jira_issue', { issue_key: structured.issue_key, fields: { Environment: environment } });
    expect(issue()?.attachments[2]?.filename).toBe('fields-Environment.md');
  });

  test('keeps existing images, and reports what does not fit', async () => {
    const key = await issueWith(written);
    const read = await descriptionOf(key);
    for (const longer of [`${read}\n\n${description}`, `${description}\n\n${read}`, description]) {
      await session.call('update_jira_issue', { issue_key: key, description: longer });
      expect(JSON.stringify(kept(key))).toContain('"id":"f1-2"');
    }
    const { preview } = (
      await session.call('update_jira_issue', { issue_key: await issueWith(written), description }, { preview: true })
    ).structured;
    expect(preview.warnings).toContainEqual(containing('the mention of Alice Adams'));
    const mentioned = await issueWith(written);
    const behind = `${description}\n\n${await descriptionOf(mentioned)}`;
    expect(
      (await session.call('update_jira_issue', { issue_key: mentioned, description: behind }, { preview: true }))
        .structured.preview.warnings,
    ).toContainEqual(containing('the mention of Alice Adams'));
  });

  test('is counted as readable text, without the JSON around it', async () => {
    const json = Array.from({ length: 1_500 }, () => '{"a": "b\\"c"},').join('\n');
    const { structured } = await session.call('create_jira_ticket', {
      ...bug,
      description: `\`\`\`json\n${json}\n\`\`\``,
    });
    expect(structured['warnings']).toEqual([]);
  });
});

test('a Data Center with a higher limit accepts longer text', async () => {
  const other = await startFixture({ flavour: 'data-center' });
  const near = await other.open();
  const description = 'x'.repeat(40_000);
  expect(
    (await near.call('create_jira_ticket', { ...bug, description }, { preview: true })).structured.preview.warnings,
  ).toEqual([containing('40000 characters')]);
  const far = await other.open({ JIRA_TEXT_LIMIT: '65534' });
  expect(
    (await far.call('create_jira_ticket', { ...bug, description }, { preview: true })).structured.preview.warnings,
  ).toEqual([]);
  await other.stop();
});

test('cleaned text and lookalike hosts are reported, also in a ticket', async () => {
  const { structured } = await session.call('create_jira_ticket', {
    ...bug,
    summary: 'file \u202egnp.exe',
    description: 'See https://раypal.com/x \u0007 <!-- note -->',
  });
  expect(structured['warnings']).toEqual([
    containing("Changed in 'summary'"),
    containing("Changed in 'description'"),
    'HTML comments are removed: <!-- note -->',
    'раypal.com (xn--ypal-43d9g.com) looks like paypal.com but is a different host.',
  ]);
});
