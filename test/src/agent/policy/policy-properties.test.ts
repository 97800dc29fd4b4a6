import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/agent/policy/policy.ts';
import { toolSpec } from '../evidence-samples.ts';
import { context, held, post } from './sample-calls.ts';

describe('whatever the arguments are', () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.constantFrom('#operations', 'operations', 'ENG', 'C1'));
  const names = fc.constantFrom(
    'channel',
    'text',
    'mentions',
    'thread_ts',
    'project_key',
    'x',
    '__proto__',
    'toString',
  );
  const input = fc.dictionary(names, fc.oneof(value, fc.array(value), fc.constant(null)));

  it('nobody to ask and no grant: no write, whatever it is', () => {
    fc.assert(
      fc.property(
        input,
        fc.constantFrom('write' as const, 'destructive' as const),
        fc.boolean(),
        (arguments_, risk, trusted) => {
          const tool = toolSpec('post_slack_message', { risk, trusted });
          const call = {
            tool,
            arguments: arguments_,
            preview: undefined,
            unverified: [],
            strangeHosts: [],
            containsSecret: false,
          };
          expect(decide(call, context({ attended: false })).decision).toBe('deny');
        },
      ),
    );
  });

  it('what is allowed by a grant has the granted destination and no argument beyond it', () => {
    const grant = held({ tool: 'post_slack_message', where: { channel: ['#operations'] } });
    fc.assert(
      fc.property(input, (arguments_) => {
        const call = post(arguments_, { preview: undefined });
        if (decide(call, context({ grants: [grant], attended: false })).decision !== 'allow') return;
        expect(['#operations', 'operations']).toContain(arguments_['channel']);
        expect(Object.keys(arguments_).every((name) => name === 'channel' || name === 'text')).toBe(true);
      }),
    );
  });
});
