import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readVariable } from '../../../servers/kit/environment.ts';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import { stateDirectory } from '../../../servers/kit/state/state-directory.ts';
import { stateFolderOf } from '../../../src/terminal/options.ts';

it.each(['vault:kv/jira#token', 'vault:kv/../sys/hunter2#a', 'vault:hunter2', 'vault:kv/hunter2', 'aws-sm:#'])(
  '%s is rejected with the name of the variable, neither sent as a token nor shown',
  async (value) => {
    const reading = readVariable(
      { JIRA_TOKEN: value, VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TOKEN: 't' },
      'JIRA_TOKEN',
    );
    await expect(reading).rejects.toThrow(ConfigurationError);
    await expect(reading).rejects.toThrow(/^JIRA_TOKEN: /u);
    await expect(reading).rejects.not.toThrow(/kv\/jira|hunter2/u);
  },
);

it.each(['pass:word', 'vaults:x', 'my vault:x', 'aws-smooth', 'postgres://a:b@c/d', 'https://example.com', 'Vault:x'])(
  '%s is an ordinary value',
  async (value) => {
    expect(await readVariable({ DB_PASSWORD: value }, 'DB_PASSWORD')).toBe(value);
  },
);

it('the content of a file is not a reference', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'environment-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'password'), 'vault:door\n');
  expect(await readVariable({ DB_PASSWORD_FILE: join(folder, 'password') }, 'DB_PASSWORD')).toBe('vault:door');
});

it.runIf(process.platform === 'linux')('state goes to XDG_STATE_HOME only if that is an absolute path', () => {
  const usual = join(homedir(), '.local', 'state', 'switchboard');
  // Host and servers must mean the same folder.
  for (const folderOf of [stateDirectory, (variables: Record<string, string>) => stateFolderOf(variables, 'linux')]) {
    expect(folderOf({})).toBe(usual);
    for (const ignored of ['', 'state', './state']) expect(folderOf({ XDG_STATE_HOME: ignored })).toBe(usual);
    expect(folderOf({ XDG_STATE_HOME: '/var/state' })).toBe('/var/state/switchboard');
    expect(folderOf({ XDG_STATE_HOME: '/var/state', SWITCHBOARD_STATE_DIR: '/own' })).toBe('/own');
  }
});
