import { adviseOn } from '../catalog/grants.ts';
import { privilegesOn, toLack } from '../catalog/privileges.ts';

type Row = readonly (string | null)[];

const active = `select c.relrowsecurity, pg_catalog.row_security_active(c.oid), pg_catalog.quote_ident(current_user)
  from pg_catalog.pg_class c where c.oid = $1::oid`;

/** Policies that affect reads; the others are about writes. */
const policies = `
  select pg_catalog.quote_ident(p.polname), p.polpermissive,
    p.polroles = '{0}' or exists (select from pg_catalog.unnest(p.polroles) r where pg_catalog.pg_has_role(r, 'usage')),
    pg_catalog.pg_get_expr(p.polqual, p.polrelid)
  from pg_catalog.pg_policy p where p.polrelid = $1::oid and p.polcmd in ('r', '*') order by 1`;

const parents = `
  select case when c.relispartition then 'partition of ' else 'inherits from ' end
    || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.relname)
  from pg_catalog.pg_inherits h join pg_catalog.pg_class c on c.oid = h.inhrelid
    join pg_catalog.pg_class p on p.oid = h.inhparent join pg_catalog.pg_namespace n on n.oid = p.relnamespace
  where h.inhrelid = $1::oid order by h.inhseqno limit 20`;

/** What this role may read of a table, which policies filter its rows, and what the table belongs to. */
export const accessQueries: readonly string[] = [active, policies, parents, privilegesOn];

export interface Access {
  /** Why the role cannot read all or part of it, and what would help. */
  readonly access?: string;
  readonly row_security?: string;
  readonly policies?: string[];
  readonly parents?: string[];
}

/** @param answers to `accessQueries`, in the same order. */
export function readAccess(answers: readonly (readonly Row[])[]): Access {
  const [about = [], rules = [], above = [], privileges = []] = answers;
  const [enabled, applies, role] = about[0] ?? [];
  const access = describeAccess(privileges[0], role ?? '', above.length > 0);
  return {
    ...(access !== undefined && { access }),
    ...(enabled === 't' && { row_security: describeRowSecurity(applies === 't', rules) }),
    ...(enabled === 't' &&
      rules.length > 0 && {
        policies: rules.map(([name, permissive, , using]) =>
          [name, permissive === 't' ? '' : ' (restrictive)', using === null ? '' : `: ${using}`].join(''),
        ),
      }),
    ...(above.length > 0 && { parents: above.map(([text]) => text ?? '') }),
  };
}

function describeAccess(row: Row | undefined, role: string, hasParent: boolean): string | undefined {
  if (row === undefined) return undefined;
  const lack = toLack(row);
  if (lack.mayUseSchema && (lack.mayRead || (lack.missing.length === 0 && lack.readable.length > 0))) return undefined;
  const advice = adviseOn({ ...lack, view: undefined }, '', role);
  if (lack.mayUseSchema && lack.readable.length > 0) return advice;
  const instead = hasParent ? ' It can be read through its parent.' : '';
  return `This role cannot read it.${instead} ${advice}`;
}

function describeRowSecurity(applies: boolean, rules: readonly Row[]): string {
  const names = (list: readonly Row[]): string => list.map(([name]) => name).join(', ');
  if (!applies)
    return `row-level security is on and does not apply to this role${rules.length > 0 ? ` (policies ${names(rules)})` : ''}`;
  const forThis = rules.filter((rule) => rule[2] === 't');
  if (!forThis.some((rule) => rule[1] === 't'))
    return 'row-level security hides all rows from this role: no policy applies to it';
  return `row-level security shows this role only some rows, in counts too: policies ${names(forThis)}`;
}
