import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, OutgoingClaim } from '../../../src/agent/approval.ts';
import { approvalCard } from '../../../src/service/approvals/card/approval-card.ts';
import { digestOf, type WaitingWrite } from '../../../src/service/approvals/waiting-write.ts';
import { checkBlocks } from '../../stack/slack/blocks.ts';
import { specOf } from '../agent/scripted.ts';

const service = 'https://switchboard.example.com';
const links = {
  question: ({ id }: WaitingWrite) => `${service}/approvals/${id}`,
  record: ({ session }: WaitingWrite) => `${service}/runs/${session}`,
};

function write(body: string, more: Partial<WaitingWrite> = {}, claims: readonly OutgoingClaim[] = []): WaitingWrite {
  const request: ApprovalRequest = {
    id: '6f1c2a4e-0000-4000-8000-000000000000',
    callId: 'call-1',
    tool: specOf('create_jira_ticket', 'jira', 'write'),
    arguments: { project_key: 'ENG', description: body },
    preview: {
      title: 'Create a Bug in ENG',
      destination: { id: 'ENG', name: 'Engineering', audience: '12 members' },
      body,
      raw: JSON.stringify({ body }),
      fields: [{ label: 'Priority', value: 'High' }],
      warnings: [],
      duplicates: [{ id: 'ENG-7', title: 'Checkout fails', reason: 'the same summary' }],
      linkHosts: ['evil.example'],
      mentions: [],
    },
    warnings: ['No evidence supports 37.'],
    claims,
    reasons: ['No grant covers it.'],
    undo: 'deletes the ticket',
    scopes: ['run'],
    sha256: 'a'.repeat(64),
  };
  return {
    id: request.id,
    session: 's',
    run: 'r',
    title: 'Failed orders',
    request,
    digest: digestOf(request),
    people: [{ slack: 'U0JANE001', name: 'Jane Doe' }],
    place: 'C0OPERATE',
    created: new Date('2026-11-30T10:00:00Z'),
    expires: new Date('2026-11-30T14:00:00Z'),
    state: 'waiting',
    answer: undefined,
    posted: undefined,
    nonce: '00000000-0000-4000-8000-000000000001',
    ...more,
  };
}

/** All blocks as Slack takes them, as one text. @throws where Slack would refuse them. */
function shown(waiting: WaitingWrite): string {
  const { blocks } = approvalCard(waiting, links);
  const checked = checkBlocks(blocks);
  if ('error' in checked) throw new Error(`${checked.error} ${checked.messages.join(' ')}`);
  return JSON.stringify(checked.blocks);
}

describe('the card in Slack', () => {
  it('shows what the card in the editor shows', () => {
    const text = shown(write('**37** orders failed, 3.7 % of all.\n\n- one\n- two'));
    for (const part of [
      'Approve? Create a Bug in ENG',
      'Engineering',
      ' (ENG) · 12 members\\nFor the run: Failed orders',
      'Priority: ',
      'rich_text_list',
      '⚠ No evidence supports 37.',
      '⚠ Looks like ENG-7 Checkout fails (the same summary)',
      'Links to evil.example',
      'Asked because: No grant covers it.',
      'Undoing it deletes the ticket.',
      'Jane Doe can answer until 2026-11-30 14:00 UTC.',
      'https://switchboard.example.com/approvals/6f1c2a4e',
      'https://switchboard.example.com/runs/s',
    ])
      expect(text).toContain(part);
  });

  it('flags figures without evidence where they stand, and no parts of others', () => {
    const text = shown(
      write('37 of 370 failed, 1.37 and x37', {}, [
        { text: '37' },
        { text: '370', supportedBy: 'E1[0].all', evidence: 'E1' },
      ]),
    );
    expect(text.match(/⚠ 37"/gu)).toHaveLength(1);
    expect(text).toContain('Supported by evidence: 370 (E1[0].all)');
    expect(text).not.toContain('⚠ 370');
  });

  it.each([
    '<!channel> <!here> <@U0JANE001> @channel @here',
    '[click](https://evil.example/login "Approve")',
    '<https://evil.example|Deny>',
    '![x](https://evil.example/pixel.png)',
    '*Approve* `code` ~~x~~ :rotating_light:',
    'safe\u202Eevil\u0000\u200B',
    '| a | b |\n|---|---|\n| 1 | 2 |\n\ntext\n\n| c |\n|---|\n| 3 |',
    '# Approved by Jane Doe (U0JANE001), Slack\n\n---\n\nOnly press Deny.',
    '```\n</code>\n```\n"}]},{"type":"actions"',
  ])('has no live mention, link, image or button of its text: %j', (body) => {
    const text = shown(write(body));
    expect(text).not.toMatch(
      /"type":"(?:user|usergroup|broadcast|channel|link|image|emoji|markdown|section|context)"/u,
    );
    expect(text.match(/"type":"button"/gu)).toHaveLength(4);
    expect(text).not.toMatch(/\u202E|\u200B/u);
  });

  it('tells the address of a link instead of linking to it', () => {
    expect(shown(write('[our runbook](https://evil.example/x)'))).toContain(
      'our runbook"},{"type":"text","text":" (https://evil.example/x)',
    );
  });

  it('shows everything that it lets be approved, and cuts nothing of that', () => {
    const long = write('text');
    const { preview } = long.request;
    if (preview === undefined) throw new Error('no preview');
    const value = `${'v'.repeat(5_000)} the end`;
    const title = `${'t'.repeat(200)} the end of it`;
    const request = { ...long.request, preview: { ...preview, title, fields: [{ label: 'Cause', value }] } };
    const text = shown({ ...long, request, digest: digestOf(request) });
    expect(text).toContain(value);
    expect(text).toContain(title);
    expect(text).toContain('switchboard_approve');
    const more = {
      ...request,
      preview: { ...request.preview, linkHosts: Array.from({ length: 500 }, (_, at) => `host-${at}.example`) },
    };
    expect(shown({ ...long, request: more, digest: digestOf(more) })).not.toContain('switchboard_approve');
  });

  it.each([
    ['a long text', 'word '.repeat(3_000)],
    ['many blocks', Array.from({ length: 60 }, (_, at) => `# Heading ${at}\n\ntext`).join('\n\n')],
  ])('cannot be approved if it does not show all of %s', (_, body) => {
    const text = shown(write(body));
    expect(text).toContain('It is too long for a message in Slack.');
    expect(text).not.toContain('switchboard_approve');
    expect(text).toContain('switchboard_deny');
  });

  it('has no buttons once it is over', () => {
    const answer = { who: 'Jane Doe (U0JANE001)', from: 'Slack', time: new Date('2026-11-30T11:00:00Z'), digest: '' };
    for (const [state, words] of [
      ['approved', 'Approved by Jane Doe (U0JANE001), Slack, 2026-11-30 11:00 UTC.'],
      ['denied', 'Denied. Nothing is sent. By Jane Doe (U0JANE001), Slack'],
    ] as const) {
      const text = shown(write('text', { state, answer }));
      expect(text).toContain(words);
      expect(text).not.toContain('button');
    }
    expect(shown(write('text', { state: 'expired' }))).toContain('Nobody answered in time. Nothing was sent.');
    expect(shown(write('text', { state: 'withdrawn' }))).toContain('The run has asked again.');
  });

  it('is a plain line in a notification', () => {
    const hostile = write('text');
    const { preview } = hostile.request;
    if (preview === undefined) throw new Error('no preview');
    const request = { ...hostile.request, preview: { ...preview, title: 'Pay <!channel> & more' } };
    const { text } = approvalCard({ ...hostile, request }, links);
    expect(text).toBe('Approve? Pay &lt;!channel&gt; &amp; more → Engineering');
  });
});
