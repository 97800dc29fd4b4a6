import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SettingsError } from '../../../src/terminal/exit-codes.ts';
import { withKey } from '../../../src/terminal/read-key.ts';

let file: string;

const reach = (variables: Readonly<Record<string, string | undefined>>) =>
  (variables['ANTHROPIC_API_KEY'] ?? '') !== '';
const readKey = async (variables: Record<string, string>) => (await withKey(variables, reach))['ANTHROPIC_API_KEY'];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'switchboard-key-'));
  file = join(folder, 'key');
  writeFileSync(file, 'sk-ant-in-a-file\n');
  return () => rmSync(folder, { recursive: true, force: true });
});

describe('the Anthropic API key', () => {
  it('is the value, the target of a reference, or the content of a file', async () => {
    expect(await readKey({ ANTHROPIC_API_KEY: 'sk-ant-1', ANTHROPIC_API_KEY_FILE: file })).toBe('sk-ant-1');
    expect(await readKey({ ANTHROPIC_API_KEY: 'env:TEAM_KEY', TEAM_KEY: 'sk-ant-2' })).toBe('sk-ant-2');
    expect(await readKey({ ANTHROPIC_API_KEY: `file:${file}` })).toBe('sk-ant-in-a-file');
    expect(await readKey({ ANTHROPIC_API_KEY: '', ANTHROPIC_API_KEY_FILE: file })).toBe('sk-ant-in-a-file');
  });

  it.each([
    [{}, 'ANTHROPIC_API_KEY is not set'],
    [{ ANTHROPIC_API_KEY: ' ' }, 'ANTHROPIC_API_KEY is not set'],
    [{ ANTHROPIC_API_KEY: 'env:TEAM_KEY' }, 'ANTHROPIC_API_KEY refers to TEAM_KEY, which is not set'],
    [
      { ANTHROPIC_API_KEY: 'file:/nowhere' },
      'ANTHROPIC_API_KEY names the file /nowhere, which cannot be read (ENOENT)',
    ],
    [
      { ANTHROPIC_API_KEY: 'vault:secret/team#key' },
      'ANTHROPIC_API_KEY: VAULT_ADDR must be the https address of Vault',
    ],
    [{ ANTHROPIC_API_KEY_FILE: '/nowhere' }, 'ANTHROPIC_API_KEY_FILE names the file /nowhere'],
    [{ ANTHROPIC_API_KEY_FILE: '/dev/null' }, 'ANTHROPIC_API_KEY_FILE names the file /dev/null, which is empty'],
  ])('is rejected if it is %j', async (variables, message) => {
    const reading = readKey(variables);
    await expect(reading).rejects.toThrow(SettingsError);
    await expect(reading).rejects.toThrow(message);
  });
});
