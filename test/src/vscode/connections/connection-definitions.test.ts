import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretNames, settingsSchema } from '../../../../src/settings.ts';
import { systems } from '../../../../src/vscode/connections/connection-definitions.ts';

const settings = settingsSchema.parse({});

function check(system: string, key: string, text: string, stored = {}): string | undefined {
  const found = systems
    .find(({ id }) => id === system)
    ?.questions(settings, stored)
    .find((each) => each.key === key);
  if (found?.check === undefined) throw new Error(`${system} does not check ${key}`);
  return found.check(text);
}

describe('input that set-up accepts', () => {
  it.each([
    ['postgres', 'postgres.host', 'db.example.com', undefined],
    ['postgres', 'postgres.host', '::1', undefined],
    ['postgres', 'postgres.host', 'postgres://ada@db.example.com/shop', undefined],
    ['postgres', 'postgres.host', '', 'Required to connect.'],
    [
      'postgres',
      'postgres.host',
      'https://db.example.com/',
      'Enter a host name such as db.example.com, without a path.',
    ],
    [
      'postgres',
      'postgres.host',
      'postgres://ada:secret@db/shop',
      'Remove the password. You can enter it hidden in a later step.',
    ],
    [
      'postgres',
      'postgres.host',
      'postgres://db/shop',
      'The URL needs a user, a host and a database: postgres://user@host/database',
    ],
    [
      'postgres',
      'postgres.host',
      'postgres://%zz@db/shop',
      'Invalid URL. Use the form postgres://user@host:port/database',
    ],
    ['postgres', 'postgres.port', '5432', undefined],
    ['postgres', 'postgres.port', '0', 'Enter a number from 1 to 65535.'],
    ['postgres', 'postgres.port', '5432; drop', 'Enter a number from 1 to 65535.'],
    ['jira', 'jira.url', 'https://acme.atlassian.net', undefined],
    ['jira', 'jira.url', 'http://127.0.0.1:8080/jira', undefined],
    ['jira', 'jira.url', 'http://jira.example.com', 'The URL must start with https://'],
    ['jira', 'jira.url', 'javascript:alert(1)', 'The URL must start with https://'],
    ['jira', 'jira.url', 'acme.atlassian.net', 'Enter a full URL, such as https://example.atlassian.net'],
    [
      'jira',
      'jira.url',
      'https://ada:token@acme.atlassian.net',
      'Remove the user name. You can enter the token in a later step.',
    ],
    ['jira', 'jira.email', 'ada', 'Enter an email address, or leave this empty.'],
    ['slack', 'SLACK_BOT_TOKEN', 'xoxb-1', undefined],
    ['slack', 'SLACK_BOT_TOKEN', 'xoxp-1', 'It must start with xoxb-'],
    ['slack', 'SLACK_BOT_TOKEN', 'xoxb-1\nxoxb-2', 'It contains a space or a line break. Copy it again.'],
    ['slack', 'SLACK_USER_TOKEN', '', undefined],
    ['claude', 'ANTHROPIC_API_KEY', '', 'Required to connect.'],
  ])('%s %s %j: %s', (system, key, text, problem) => {
    expect(check(system, key, text)).toBe(problem);
  });

  it('keeps a stored secret if the box is left empty', () => {
    expect(check('claude', 'ANTHROPIC_API_KEY', '', { ANTHROPIC_API_KEY: 'stored' })).toBeUndefined();
  });

  it('never shows a stored secret again', () => {
    const stored = Object.fromEntries(Object.keys(secretNames).map((name) => [name, 'canary']));
    for (const system of systems) {
      const questions = system.questions(settings, stored);
      expect(JSON.stringify(questions)).not.toContain('canary');
      for (const { key, password } of questions) expect(password ?? false).toBe(Object.hasOwn(stored, key));
    }
  });

  it('checks any input without throwing, and can parse every URL that it accepts', () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.webUrl(),
      fc.string().map((text) => `postgres://${text}`),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        for (const system of systems) {
          for (const { key, check: checkAnswer, choices } of system.questions(settings, {})) {
            if (choices !== undefined || checkAnswer?.(text) !== undefined) continue;
            expect(() => system.normalise?.({ [key]: text })).not.toThrow();
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('splits a full PostgreSQL URL into its parts', () => {
    const postgres = systems.find(({ id }) => id === 'postgres');
    expect(
      postgres?.normalise?.({ 'postgres.host': 'postgresql://ada%40x@[::1]:6432/sh%20op', DB_PASSWORD: 'p' }),
    ).toEqual({
      'postgres.host': '::1',
      'postgres.port': '6432',
      'postgres.user': 'ada@x',
      'postgres.database': 'sh op',
      DB_PASSWORD: 'p',
    });
  });
});
