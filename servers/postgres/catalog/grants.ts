import { quoteName } from '../identifiers.ts';
import { lackingPrivileges, toLack, type Lack } from './privileges.ts';
import type { Session } from '../connection/session.ts';

export interface Denial {
  readonly message: string;
  readonly detail: string | undefined;
  /** The statement from the position that PostgreSQL reports; empty if it reports none. */
  readonly rest: string;
  readonly sql: string;
}

const anyway =
  'The role of this connection is not allowed to do that. Ask the owner of the database, or read something else.';

const denied =
  /^permission denied for (foreign server|foreign-data wrapper|foreign table|materialized view|large object|[a-z]+) (.+)$/;

/** Which GRANT would help, ready for the owner to paste. Looked up in the session, after the failed statement. */
export async function suggestGrant(session: Session, denial: Denial): Promise<string> {
  const role = await currentRole(session);
  const { message, detail } = denial;
  const byRole = /privileges of (?:the )?"?(pg_(?!execute|read_server|write)\w+)/.exec(
    `${detail ?? ''} ${message}`,
  )?.[1];
  if (byRole !== undefined) return ask(`GRANT ${byRole} TO ${role};`);
  if (/row-level security policy/.test(message))
    return `row_security is off for this role or database, so queries whose rows would be filtered fail. The owner can turn it on with: ALTER ROLE ${role} SET row_security = on;`;
  const [, kind = '', name = ''] = denied.exec(message) ?? [];
  switch (kind) {
    case 'table':
    case 'view':
    case 'materialized view':
    case 'foreign table':
    case 'sequence':
    case 'relation':
      return (await suggestForRelation(session, name, denial, role)) ?? anyway;
    case 'schema':
      return suggestForSchema(session, name, denial, role);
    case 'function':
    case 'aggregate':
    case 'procedure':
      return (await suggestForFunction(session, name, role)) ?? anyway;
    case 'foreign server':
      return ask(`GRANT USAGE ON FOREIGN SERVER ${quoteName(name)} TO ${role};`);
    case 'foreign-data wrapper':
      return ask(`GRANT USAGE ON FOREIGN DATA WRAPPER ${quoteName(name)} TO ${role};`);
    case 'type':
    case 'domain':
    case 'language':
      return ask(`GRANT USAGE ON ${kind.toUpperCase()} ${quoteName(name)} TO ${role};`);
    case 'large object':
      return ask(`GRANT SELECT ON LARGE OBJECT ${name} TO ${role};`);
    case 'database':
      return ask(`GRANT CONNECT ON DATABASE ${quoteName(name)} TO ${role};`);
    case 'tablespace':
      return ask(`GRANT pg_read_all_stats TO ${role};`);
    default:
      return anyway;
  }
}

function ask(statements: string, owner?: string): string {
  return `Ask the owner${owner === undefined ? '' : ` (${owner})`} to run: ${statements}`;
}

async function currentRole(session: Session): Promise<string> {
  const { rows } = await session.read('select pg_catalog.quote_ident(current_user)', [], 0);
  return rows[0]?.[0] ?? 'this_role';
}

async function suggestForRelation(
  session: Session,
  name: string,
  { sql }: Denial,
  role: string,
): Promise<string | undefined> {
  const [answer] = await session.readAll([lackingPrivileges(name)]);
  const all = (answer?.rows ?? []).map(toLack);
  const text = sql.toLowerCase();
  const meant = all.filter((lack) => lack.visible || text.includes(lack.schema.toLowerCase()));
  const [lack] = [...meant, ...all];
  if (lack === undefined) return undefined;
  const words = sql.match(/"(?:[^"]|"")+"|[\w$]+/g) ?? [];
  const isNamed = words.some((word) => word.replaceAll('"', '').toLowerCase() === name.toLowerCase());
  if (!isNamed && lack.view !== undefined)
    return `The view ${lack.view.label} reads it with its owner's rights. ${ask(grantSelect(lack, '', lack.view.owner))}`;
  return adviseOn(lack, sql, role);
}

function grantSelect({ kind, label }: Lack, columns: string, to: string): string {
  return `GRANT SELECT${columns} ON ${kind === 'S' ? 'SEQUENCE ' : ''}${label} TO ${to};`;
}

/** What the owner can do about one relation that the role cannot read, or not in full. */
export function adviseOn(lack: Lack, sql: string, role: string): string {
  if (lack.bySystem !== undefined) return ask(`GRANT ${quoteName(lack.bySystem)} TO ${role};`);
  if (lack.ofSystem)
    return `${lack.label} is closed on purpose: it may contain passwords or the values of other tables.`;
  const usage = lack.mayUseSchema ? '' : `GRANT USAGE ON SCHEMA ${lack.quotedSchema} TO ${role}; `;
  if (lack.readable.length === 0 || lack.missing.length === 0)
    return ask(`${usage}${grantSelect(lack, '', role)}`, lack.owner);
  const words = new Set(sql.match(/"(?:[^"]|"")+"|[\w$]+/g) ?? []);
  const named = lack.missing.filter((column) => words.has(column));
  const wanted = named.length > 0 ? named : lack.missing;
  return `This role can read only these columns of ${lack.label}: ${lack.readable.join(', ')}. For the others: ${ask(`${usage}${grantSelect(lack, ` (${wanted.join(', ')})`, role)}`, lack.owner)}`;
}

async function suggestForSchema(session: Session, name: string, { rest }: Denial, role: string): Promise<string> {
  const usage = `GRANT USAGE ON SCHEMA ${quoteName(name)} TO ${role};`;
  const table = /^(?:"(?:[^"]|"")+"|[\w$]+)\s*\.\s*("(?:[^"]|"")+"|[\w$]+)/.exec(rest)?.[1];
  if (table === undefined) return ask(usage);
  const plain = table.startsWith('"') ? table.slice(1, -1).replaceAll('""', '"') : table.toLowerCase();
  const [answer] = await session.readAll([lackingPrivileges(plain)]);
  const lack = (answer?.rows ?? []).map(toLack).find((one) => one.schema === name);
  if (lack === undefined) return ask(usage);
  return lack.mayRead ? ask(usage) : adviseOn({ ...lack, mayUseSchema: false }, '', role);
}

async function suggestForFunction(session: Session, name: string, role: string): Promise<string | undefined> {
  const { rows } = await session.read(
    `select p.oid::regprocedure::text, (select pg_catalog.min(r.rolname::text)
        from pg_catalog.aclexplode(p.proacl) x join pg_catalog.pg_roles r on r.oid = x.grantee
        where r.rolname ~ '^pg_' and r.rolname not in ('pg_execute_server_program', 'pg_read_server_files',
          'pg_write_server_files')),
      p.oid < 16384, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.proowner))
    from pg_catalog.pg_proc p where p.proname = $1 and not pg_catalog.has_function_privilege(p.oid, 'execute')
    order by 1 limit 5`,
    [name],
    0,
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const [, bySystem, ofSystem, owner] = first;
  if (typeof bySystem === 'string') return ask(`GRANT ${bySystem} TO ${role};`);
  const grants = rows.map(([signature]) => `GRANT EXECUTE ON FUNCTION ${signature} TO ${role};`);
  return ask(grants.join(' '), ofSystem === 't' ? undefined : (owner ?? undefined));
}
