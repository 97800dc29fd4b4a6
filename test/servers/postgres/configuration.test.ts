import { describe, expect, it } from 'vitest';
import { configurationFailure } from './connection/own-cluster.ts';

describe('configuration', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{}, /DB_HOST is not set/],
    [{ DB_HOST: 'x' }, /DB_NAME is not set/],
    [{ DB_HOST: 'x', DB_NAME: 'y' }, /DB_USER is not set/],
    [{ DB_HOST: 'x', DB_NAME: 'y', DB_USER: 'z', DB_PORT: '99999' }, /DB_PORT: must be a whole number from 1 to 65535/],
    [{ DB_HOST: 'x', DB_NAME: 'y', DB_USER: 'z', DB_SSL: 'maybe' }, /DB_SSL: must be disable, allow/],
    [{ DATABASE_URL: 'mysql://x' }, /DATABASE_URL must be a URL such as postgres:/],
    [{ DATABASE_URL: 'postgres://u:p@h/d?readonly=true' }, /unknown parameter 'readonly'/],
    [{ DATABASE_URL: 'postgres://u:%zz@h/d' }, /percent-encoded/],
    [{ DATABASES: 'one' }, /entry 1 must be name=postgres/],
    [{ DATABASES: 'a=postgres://u:p@h/d, a=postgres://u:p@h/d' }, /names 'a' twice/],
    [{ DATABASE_URL: 'postgres://u:p@h/d', DB_MAX_ROWS: '0' }, /DB_MAX_ROWS: must be a whole number/],
    [{ DATABASE_URL: 'postgres://u:p@h/d', DB_ALLOW_SUPERUSER: 'si' }, /DB_ALLOW_SUPERUSER: must be 1, true/],
    [{ DATABASE_URL: 'postgres://u:p@h/d', DB_MASK_COLUMNS: 'email' }, /'email' must be table.column/],
    [{ DATABASE_URL: 'postgres://u:p@h/d?sslrootcert=/nope' }, /cannot be read \(ENOENT\)/],
    [{ PGSERVICE: 'nope' }, /PGSERVICE names 'nope'/],
    [{ DATABASE_URL: 'postgres://u@h/d', DB_PASSWORD: 'rds-iam:eu-west-1' }, /AWS_ACCESS_KEY_ID/],
  ])('%j exits with 78 and one line', async (environment, message) => {
    const { code, stderr } = await configurationFailure(environment);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(78);
  });

  it('never prints a password', async () => {
    const { stderr } = await configurationFailure({
      DATABASES: 'a=postgres://u:canary-secret@h/d, broken postgres://u:canary-secret@h',
    });
    expect(stderr).not.toContain('canary-secret');
  });
});
