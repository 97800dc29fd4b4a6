import { expect, it } from 'vitest';
import { McpConfigError } from '../../../src/mcp/config/errors.ts';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import { describeFailure } from '../../../src/terminal/describe-failure.ts';
import { SettingsError, UsageError } from '../../../src/terminal/exit-codes.ts';

it.each([
  [new UsageError('wrong'), 2, 'wrong'],
  [new McpConfigError('wrong file'), 2, 'wrong file'],
  [new SettingsError('not set'), 78, 'not set'],
  [new ConfigurationError('no database'), 78, 'no database'],
  ['thrown text', 1, 'thrown text'],
])('gives %s its exit code', (error, exitCode, message) => {
  expect(describeFailure(error)).toEqual({ exitCode, message });
});

it('shows a stack trace for bugs alone', () => {
  expect(describeFailure(new TypeError('of ours')).message).toContain('describe-failure.test.ts');
});
