import { expect, it } from 'vitest';
import { ToolError } from '../../../servers/kit/errors.ts';
import { call, createUpstream, lostAnswer, openLedger, useLedgerFolder, writing } from './ledger-calls.ts';

const directory = useLedgerFolder();
const once: ReturnType<typeof openLedger>['once'] = (keyed, run) => openLedger(directory()).once(keyed, run);
const first = call('occasion:1', { mayReword: true });
const reworded = call('occasion:1', { mayReword: true, arguments: { text: 'the same in other words' } });

it('answers a reworded write of an occasion with the first result, and sends nothing', async () => {
  const upstream = createUpstream();
  const { structured, text } = await once(first, writing(upstream.effect()));
  await expect(once(reworded, writing(upstream.effect()))).rejects.toMatchObject({
    code: 'conflict',
    details: { first: { structured, text } },
  });
  expect(upstream.stored).toHaveLength(1);
  await expect(once(first, writing(upstream.effect()))).resolves.toMatchObject({
    structured: { outcome: 'replayed' },
  });
});

it('sends a reworded write if the first one was refused', async () => {
  const upstream = createUpstream();
  const refused = upstream.effect({
    send: () => Promise.reject(new ToolError('invalid_arguments', 'The field is missing.')),
  });
  await expect(once(first, writing(refused))).rejects.toMatchObject({ code: 'invalid_arguments' });
  await expect(once(reworded, writing(upstream.effect()))).resolves.toMatchObject({ structured: { outcome: 'done' } });
  await expect(once(first, writing(upstream.effect()))).rejects.toMatchObject({ code: 'conflict' });
  expect(upstream.stored).toHaveLength(1);
});

it('sends nothing while it is not known what became of the first one', async () => {
  const upstream = createUpstream();
  const lost = upstream.effect({ send: lostAnswer, find: () => Promise.resolve(undefined) });
  await expect(once(first, writing(lost))).rejects.toMatchObject({ code: 'outcome_unknown' });
  await expect(once(reworded, writing(upstream.effect()))).rejects.toMatchObject({
    code: 'outcome_unknown',
    retryable: false,
  });
  expect(upstream.stored).toEqual([]);
});

it('does not let another tool use the key, nor other keys be reworded', async () => {
  const upstream = createUpstream();
  await once(first, writing(upstream.effect()));
  const run = writing(upstream.effect());
  await expect(once({ ...first, tool: 'react' }, run)).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  await expect(once({ ...reworded, mayReword: false }, run)).rejects.toMatchObject({ code: 'idempotency_mismatch' });
});
