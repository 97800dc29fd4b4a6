import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyAudit } from '../../servers/contract/audit/verify.ts';
import { confined, describeConfinement } from '../../src/mcp/child/confinement.ts';
import { placedServerSpecs } from '../../src/mcp/remote/own-servers.ts';
import type { ChildSpec, Variables } from '../../src/mcp/server-specs.ts';
import { createTestDatabase } from '../servers/postgres/database.ts';
import { callOptions, never, openHub } from '../src/mcp/fixtures/servers.ts';
import { distFolder } from '../stack/command-line.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'switchboard-confined-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function postgres(variables: Variables): ChildSpec {
  const all = { SWITCHBOARD_STATE_DIR: folder(), PATH: process.env['PATH'], ...variables };
  const [spec] = placedServerSpecs(join(distFolder, 'servers'), all);
  if (spec?.kind !== 'child') throw new Error('PostgreSQL runs elsewhere.');
  return spec;
}

const told = ({ confinement }: ChildSpec): string =>
  confinement === undefined ? '' : describeConfinement(confinement);

describe.skipIf(process.platform !== 'linux')('a server of ours', () => {
  it('reads what its settings name, writes its state and starts nothing', () => {
    const [state, other] = [folder(), folder()];
    for (const name of ['password', 'key']) writeFileSync(join(other, name), 'x');
    const script = fileURLToPath(new URL('fixtures/tries.ts', import.meta.url));
    const env = { SWITCHBOARD_STATE_DIR: state, DB_PASSWORD_FILE: join(other, 'password') };
    const spec = { ...postgres({}), args: [script], env };
    const { args } = confined(spec);
    const paths = { STATE: state, LISTED: join(other, 'password'), OTHER: join(other, 'key') };
    const tried = execFileSync(process.execPath, args, { env: { ...env, ...paths }, encoding: 'utf8', stdio: 'pipe' });
    expect(JSON.parse(tried)).toEqual(['read a listed file', 'write its state']);
  });

  it('keeps an audit log that needs further files', () => {
    const state = folder();
    const script = fileURLToPath(new URL('fixtures/long-audit.ts', import.meta.url));
    const { args } = confined({ ...postgres({}), args: [script], env: { SWITCHBOARD_STATE_DIR: state } });
    const code = `--allow-fs-read=${fileURLToPath(new URL('../../', import.meta.url))}*`;
    const said = execFileSync(process.execPath, [code, ...args, state], { encoding: 'utf8', stdio: 'pipe' });
    expect(said).toBe('');
    expect(readdirSync(join(state, 'audit')).length).toBeGreaterThan(2);
    expect(verifyAudit(state).map(({ problem }) => problem)).toEqual([undefined]);
  });

  it('works restricted: it reads its password, asks the database and writes its audit log', async () => {
    const { name, reader, adminUrl } = await createTestDatabase('empty');
    const password = join(folder(), 'password');
    writeFileSync(password, reader.password);
    const { hostname, port } = new URL(adminUrl);
    const settings = { DB_HOST: hostname, DB_PORT: port, DB_NAME: name, DB_USER: reader.user, DB_SSL: 'disable' };
    const spec = postgres({ ...settings, DB_PASSWORD: `file:${password}` });
    const hub = openHub([spec]);
    expect(await hub.call('postgres__query_database', { query: 'select 1' }, callOptions())).toMatchObject({
      kind: 'result',
    });
    const [view] = hub.states();
    const pid = view?.state.status === 'ready' ? view.state.pid : undefined;
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain('--permission');
    expect(told(spec)).toBe(
      'restricted: reads only the files of its settings, writes only its state, starts no programs',
    );
    expect(readdirSync(join(spec.env['SWITCHBOARD_STATE_DIR'] ?? '', 'audit')).length).toBeGreaterThan(0);
  });

  it('says where it is less restricted, and why', () => {
    const all = placedServerSpecs(join(distFolder, 'servers'), { SWITCHBOARD_STATE_DIR: folder() });
    expect(all.map((spec) => spec.kind === 'child' && spec.confinement?.kind)).toEqual(['on', 'off', 'off']);
    expect(told(postgres({ DATABASE_URL: 'postgres://u@h/d?sslrootcert=/etc/ca.pem' }))).toContain('reads any file');
    expect(told(postgres({ DB_HOST: 'db', DB_SSH: 'bastion' }))).toBe('not restricted: it starts ssh');
    expect(told(postgres({ DB_PASSWORD: 'aws-sm:db#password' }))).toContain('not restricted: the AWS SDK');
    expect(told(postgres({ SWITCHBOARD_RESTRICT_SERVERS: 'off' }))).toBe('not restricted: turned off');
    const old = confined(postgres({ SWITCHBOARD_RESTRICT_SERVERS: 'off' }), new Set(['--inspect']));
    expect(told(old)).toBe(`not restricted: Node ${process.versions.node} has no permission model`);
    expect(old.args).toEqual([join(distFolder, 'servers', 'postgres.cjs')]);
  });

  it('starts without restrictions on a runtime that does not accept them, and says so', async () => {
    const command = join(folder(), 'old-node');
    writeFileSync(command, `#!/bin/sh\n[ "$1" = --permission ] && exit 9\nexec '${process.execPath}' "$@"\n`);
    chmodSync(command, 0o755);
    const settings = { DB_HOST: '127.0.0.1', DB_PORT: '1', DB_NAME: 'a', DB_USER: 'b', DB_PASSWORD: 'word' };
    const hub = openHub([{ ...postgres(settings), command }]);
    expect((await hub.list(never)).length).toBeGreaterThan(0);
    expect(hub.states()[0]?.confinement).toEqual({ kind: 'off', why: 'this runtime does not accept --permission' });
  });
});
