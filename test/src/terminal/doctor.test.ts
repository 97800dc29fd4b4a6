import { expect, it } from 'vitest';
import { diagnose, wrongSetting, type Examined } from '../../../src/terminal/commands/doctor.ts';

const failed = (code: string): Examined['probe'] => ({ kind: 'failed', code, message: 'It is wrong.', hint: 'Do so.' });
const claude: Examined = { title: 'Claude', given: true, probe: { kind: 'connected' } };
const leftOut: Examined = { title: 'Jira', given: false, probe: failed('not_configured') };
const wrong: Examined = { title: 'Slack', given: true, probe: failed('not_configured') };
const away: Examined = { title: 'PostgreSQL', given: true, probe: failed('unreachable') };

it.each<[string, Examined[], number, string]>([
  ['all answers', [claude], 0, 'ok      Claude'],
  ['one is left out', [claude, leftOut], 0, 'not set Jira: It is wrong. Do so.'],
  ['one is not there', [claude, leftOut, away], 1, 'failed  PostgreSQL: It is wrong. Do so.'],
  ['a setting is wrong', [claude, wrong], 78, 'failed  Slack: It is wrong. Do so.'],
  ['a setting is wrong, and another system away', [away, wrong, claude], 78, 'ok      Claude'],
  ['the key is missing', [wrongSetting('Claude', 'no key'), leftOut], 78, 'failed  Claude: no key'],
])('%s', (_, found, exitCode, line) => {
  const diagnosis = diagnose(found);
  expect(diagnosis.exitCode).toBe(exitCode);
  expect(diagnosis.lines).toHaveLength(found.length);
  expect(diagnosis.lines).toContain(line);
});
