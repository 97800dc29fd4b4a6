import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../servers/jira/issue/fingerprint.ts';
import { bug, matching, startFixture, type Fixture, type Session } from './harness.ts';

const ofBug = (summary: string) => fingerprintOf('ENG', '10001', summary);

describe('the fingerprint of an incident', () => {
  const first = 'PAY_TIMEOUT: 12 orders failed in the last 24h since 2026-11-22T06:12Z';
  it.each([
    'PAY_TIMEOUT: 1,347 orders failed in the last 12h since 2026-11-23T18:40:09.120Z',
    '9 orders fail with pay_timeout',
    'Orders: PAY_TIMEOUT (31 %)',
    'ＰＡＹ_ＴＩＭＥＯＵＴ orders 4f1c2a9d, 123e4567-e89b-12d3-a456-426614174000',
  ])('is the same for: %s', (summary) => {
    expect(ofBug(first)).toMatch(/^swb-fp-[0-9a-f]{16}$/);
    expect(ofBug(summary)).toBe(ofBug(first));
  });

  it.each(['CARD_DECLINED: 12 orders failed', 'PAY_TIMEOUT: 12 refunds failed', 'PAY_TIMEOUT'])(
    'differs for: %s',
    (summary) => {
      expect(ofBug(summary)).toMatch(/^swb-fp-/);
      expect(ofBug(summary)).not.toBe(ofBug(first));
    },
  );

  it('depends on project and issue type', () => {
    expect(fingerprintOf('OPS', '10001', first)).not.toBe(ofBug(first));
    expect(fingerprintOf('ENG', '10002', first)).not.toBe(ofBug(first));
  });

  it('does not exist for a summary of only numbers', () => {
    expect(ofBug('12 in the last 24h')).toBeUndefined();
  });
});

describe('create_jira_ticket', () => {
  let fixture: Fixture;
  let session: Session;
  beforeAll(async () => {
    fixture = await startFixture();
    session = await fixture.open();
  });
  afterAll(() => fixture.stop());

  const duplicatesOf = async (summary: string) =>
    (await session.call('create_jira_ticket', { ...bug, summary }, { preview: true })).structured.preview.duplicates;
  const create = async (summary: string) =>
    (await session.call('create_jira_ticket', { ...bug, summary })).structured.issue_key;
  const labelsOf = (key: string) => fixture.jira.issues().find((issue) => issue.key === key)?.fields['labels'];

  it("finds the incident's ticket by its label, even under another summary, and lists it before similar ones", async () => {
    const known = await create('PAY_TIMEOUT in orders, 7 so far');
    const alike = await create('PAY_TIMEOUT in refunds of orders');
    await session.call('update_jira_issue', { issue_key: known, summary: 'Gateway is slow', labels: ['mine'] });
    expect(labelsOf(known)).toContain(ofBug('PAY_TIMEOUT orders'));
    expect(await duplicatesOf('PAY_TIMEOUT in orders, 9 now')).toMatchObject([
      { id: known, title: 'Gateway is slow', reason: 'Same incident, by its label, To Do' },
      { id: alike, reason: matching(/^Summary \d\d % similar, To Do$/) },
    ]);
    await session.call('transition_jira_issue', { issue_key: known, transition: 'Done' });
    expect(await duplicatesOf('PAY_TIMEOUT in orders, 9 now')).toMatchObject([{ id: alike }]);
  });

  it('includes the label in the approved bytes and sets it', async () => {
    const input = { ...bug, summary: 'Search is slow', labels: ['search'] };
    const { preview } = (await session.call('create_jira_ticket', input, { preview: true })).structured;
    const fingerprint = ofBug('Search is slow');
    expect(JSON.parse(preview.raw)).toMatchObject({ fields: { labels: ['search', fingerprint] } });
    expect(preview.fields.map(({ value }) => value)).toContain(`${fingerprint} (finds it if the same happens again)`);
    const { issue_key: key } = (await session.call('create_jira_ticket', input)).structured;
    expect(labelsOf(key)).toEqual(['search', fingerprint, matching(/^swb-[0-9a-f]{16}$/)]);
  });

  it('omits it for a summary without words', async () => {
    const { preview } = (await session.call('create_jira_ticket', { ...bug, summary: '404' }, { preview: true }))
      .structured;
    expect(preview.duplicates).toEqual([]);
    expect(JSON.parse(preview.raw)).not.toHaveProperty('fields.labels');
  });
});
