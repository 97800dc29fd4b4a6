import * as z from 'zod';
import type { Log } from '../../kit/log.ts';
import type { Session } from '../connection/session.ts';
import { refuse } from './refusal.ts';

/** What the connection's role can do beyond reading. */
export interface RoleReport {
  readonly user: string;
  readonly superuser: boolean;
  /** Predefined roles that can access server files and programs. */
  readonly serverRoles: readonly string[];
  /** Findings that deserve attention. */
  readonly findings: readonly string[];
}

/**
 * First layer: the role is the boundary if everything else fails.
 * https://www.postgresql.org/docs/18/predefined-roles.html
 */
const query = `
  select r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb, r.rolreplication,
    (select pg_catalog.to_json(pg_catalog.array_agg(p.rolname)) from pg_catalog.pg_roles p
      where p.rolname in ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        and pg_catalog.pg_has_role(p.oid, 'member')),
    (select pg_catalog.to_json(pg_catalog.array_agg(p.rolname)) from pg_catalog.pg_roles p
      where p.rolname in ('pg_write_all_data', 'pg_signal_backend', 'pg_maintain', 'pg_checkpoint')
        and pg_catalog.pg_has_role(p.oid, 'member')),
    (select pg_catalog.to_json(pg_catalog.array_agg(t.name)) from (
      select n.nspname || '.' || c.relname as name
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')
        and n.nspname !~ '^pg_(toast|temp)' and pg_catalog.has_schema_privilege(n.oid, 'usage')
        and pg_catalog.has_table_privilege(c.oid, 'insert, update, delete, truncate')
      order by 1 limit 6) t),
    (select pg_catalog.to_json(pg_catalog.array_agg(n.nspname)) from pg_catalog.pg_namespace n
      where n.nspname !~ '^pg_' and pg_catalog.has_schema_privilege(n.oid, 'create'))
  from pg_catalog.pg_roles r where r.rolname = current_user`;

const list = z.array(z.string());

/** Runs in the session's transaction, which the next read ends. */
export async function inspectRole(session: Session): Promise<RoleReport> {
  const { rows } = await session.read(query, [], 0);
  const [user, superuser, bypass, createRole, createDatabase, replication, files, broad, writable, schemas] =
    rows[0] ?? [];
  const names = (json: string | null | undefined): string[] =>
    typeof json === 'string' ? list.parse(JSON.parse(json)) : [];
  const findings: string[] = [];
  if (superuser === 't') findings.push('is a superuser');
  if (bypass === 't') findings.push('bypasses row-level security (BYPASSRLS)');
  if (createRole === 't') findings.push('can create roles');
  if (createDatabase === 't') findings.push('can create databases');
  if (replication === 't') findings.push('can replicate');
  for (const role of [...names(files), ...names(broad)]) findings.push(`is a member of ${role}`);
  const tables = names(writable);
  if (tables.length > 0)
    findings.push(`can write to ${tables.slice(0, 5).join(', ')}${tables.length > 5 ? ' and more' : ''}`);
  if (names(schemas).length > 0) findings.push(`can create objects in ${names(schemas).join(', ')}`);
  return { user: user ?? '', superuser: superuser === 't', serverRoles: names(files), findings };
}

/** @throws ToolError `refused_by_guard` for a role whose queries could reach the server itself. */
export function checkRole(report: RoleReport, allowSuperuser: boolean, database: string, log: Log): void {
  if (report.findings.length > 0)
    log('warn', 'the role can do more than read', { role: report.user, findings: report.findings });
  if (allowSuperuser || (!report.superuser && report.serverRoles.length === 0)) return;
  const what = report.superuser ? 'is a superuser' : `is a member of ${report.serverRoles.join(', ')}`;
  throw refuse(
    'role',
    `The role ${report.user} ${what}: anything that gets past the other checks could take over the server.`,
    `Connect as a role that can only read. The owner can create one with:\n${readerRoleSql(database)}\nSet DB_ALLOW_SUPERUSER=1 to continue at your own risk.`,
  );
}

/** The statements that create a suitable role. */
export function readerRoleSql(database: string): string {
  const name = 'switchboard_reader';
  const quoted = `"${database.replaceAll('"', '""')}"`;
  return [
    `CREATE ROLE ${name} LOGIN PASSWORD 'choose-one' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;`,
    `ALTER ROLE ${name} CONNECTION LIMIT 10;`,
    `ALTER ROLE ${name} SET default_transaction_read_only = on;`,
    `ALTER ROLE ${name} SET statement_timeout = '30s';`,
    `GRANT CONNECT ON DATABASE ${quoted} TO ${name};`,
    `GRANT USAGE ON SCHEMA public TO ${name};`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${name};`,
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${name};`,
  ].join('\n');
}
