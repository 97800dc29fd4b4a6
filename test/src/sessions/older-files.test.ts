import { expect, it } from 'vitest';
import { toolSpec } from '../agent/evidence-samples.ts';
import { runEventSchema } from '../../../src/sessions/event-schema.ts';

it('the support of a claim is read from a session file that calls it heldBy', () => {
  const event = runEventSchema.parse({
    type: 'approval-requested',
    id: 'a1',
    callId: 'c1',
    tool: toolSpec('post_slack_message'),
    arguments: {},
    warnings: [],
    claims: [{ text: '47', heldBy: 'E1[0].failed_count', evidence: 'E1' }, { text: '48' }],
    reasons: [],
    scopes: [],
    sha256: '00',
  });
  expect(event).toMatchObject({
    claims: [
      { text: '47', supportedBy: 'E1[0].failed_count', evidence: 'E1' },
      { text: '48', supportedBy: undefined },
    ],
  });
});
