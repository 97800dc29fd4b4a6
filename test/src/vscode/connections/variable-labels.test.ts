import { expect, it } from 'vitest';
import { inSetUpWords } from '../../../../src/vscode/connections/variable-labels.ts';

it.each([
  ['Check DB_HOST and DB_PORT, and that the server runs.', 'Check the host and the port, and that the server runs.'],
  [
    'Set DB_SSL=disable if that is right, or turn ssl on at the server.',
    'Choose "disable" for the encryption if that is right, or turn ssl on at the server.',
  ],
  [
    'Set DB_SSL_ROOT_CERT to a file with the authority, or use DB_SSL=require to encrypt without verifying.',
    'Set the certificate file to a file with the authority, or choose "require" for the encryption to encrypt without verifying.',
  ],
  ['SLACK_BOT_TOKEN: must be a Slack token.', 'The bot token must be a Slack token.'],
  ['It cannot be reached (ECONNREFUSED).', 'It cannot be reached (connection refused).'],
  ['JIRA_ALLOWED_PROJECTS allows ENG.', 'The list of projects allows ENG.'],
  ['Set FOO_BAR=1 in ENG, see the README.', 'Set FOO_BAR=1 in ENG, see the README.'],
])('%s', (said, shown) => {
  expect(inSetUpWords(said)).toBe(shown);
});
