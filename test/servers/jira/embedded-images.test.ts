import { afterEach, expect, test } from 'vitest';
import { adfFaults } from '../../stack/jira/adf-schema.ts';
import { bug, containing, startFixture, type Fixture, type Session } from './harness.ts';

let fixture: Fixture;
afterEach(() => fixture.stop());

const mediaId = 'b9b5c2f0-1111-4222-8333-444455556666';

/** An issue with an image and a log. */
async function issueWithFiles(session: Session): Promise<string> {
  const { issue_key } = (await session.call('create_jira_ticket', bug)).structured;
  await session.call('attach_to_jira_issue', { issue_key, filename: 'app.log', content: 'x' });
  const issue = fixture.jira.issues().at(-1);
  const author = issue?.attachments[0]?.author;
  if (issue === undefined || author === undefined) throw new Error('nothing was attached');
  const file = {
    author,
    mediaId,
    created: '2026-11-29T10:00:00.000Z',
    mimeType: 'image/png',
    content: Buffer.from([0x89, 0]),
  };
  issue.attachments.push({ ...file, id: '90001', filename: 'screen shot.png' });
  issue.attachments.push({ ...file, id: '90002', filename: 'error.png' });
  return issue_key;
}

const markdown = `Before
![The error](error.png)
after

![](<screen shot.png>)

Inline ![a](error.png) and a log: 

![log](app.log)

![far](https://img.example/error.png)

\`\`\`
![The error](error.png)
\`\`\``;

test('an attached image is embedded where the text names it; any other image stays a link', async () => {
  fixture = await startFixture();
  const session = await fixture.open();
  const issue_key = await issueWithFiles(session);
  const media = (alt: string) => ({
    type: 'mediaSingle',
    attrs: { layout: 'center' },
    content: [{ type: 'media', attrs: { type: 'file', id: mediaId, collection: '', alt } }],
  });
  const { preview } = (await session.call('add_jira_comment', { issue_key, body: markdown }, { preview: true }))
    .structured;
  await session.call('add_jira_comment', { issue_key, body: markdown });
  await session.call('update_jira_issue', { issue_key, description: markdown });
  const issue = fixture.jira.issues().at(-1);
  const comment = issue?.comments[0]?.body;
  expect(JSON.parse(preview.raw)).toMatchObject({ body: comment });
  for (const document of [comment, issue?.fields['description']]) {
    expect(adfFaults(document)).toEqual([]);
    expect(document).toMatchObject({
      content: [
        { type: 'paragraph', content: [{ text: 'Before' }] },
        media('The error'),
        { type: 'paragraph', content: [{ text: 'after' }] },
        media('screen shot.png'),
        { type: 'paragraph' },
        { type: 'paragraph' },
        { type: 'paragraph' },
        { type: 'codeBlock', content: [{ text: '![The error](error.png)' }] },
      ],
    });
    expect(JSON.stringify(document)).not.toContain('swbimage');
  }
});

test('an image whose media id Jira does not reveal stays a link, with a warning', async () => {
  fixture = await startFixture();
  const session = await fixture.open();
  const issue_key = await issueWithFiles(session);
  fixture.jira.misbehave({ on: /attachment\/content/, does: { kind: 'answer', status: 200, body: {} } });
  const answer = await session.call('add_jira_comment', { issue_key, body: '![x](error.png)' });
  expect(answer.structured['warnings']).toEqual([containing('error.png cannot be embedded')]);
});

test('on Data Center it becomes image markup', async () => {
  fixture = await startFixture({ flavour: 'data-center' });
  const session = await fixture.open();
  const issue_key = await issueWithFiles(session);
  await session.call('add_jira_comment', {
    issue_key,
    body: 'See\n\n![The | error!](error.png)\n\n![](<screen shot.png>)',
  });
  expect(fixture.jira.issues().at(-1)?.comments[0]?.body).toBe(
    'See\n\n!error.png|alt=The   error !\n\n!screen shot.png|alt=screen shot.png!',
  );
});
