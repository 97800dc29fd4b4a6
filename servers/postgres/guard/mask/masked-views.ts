import * as z from 'zod';
import type { Session } from '../../connection/session.ts';
import { encodeParameter } from '../../values.ts';
import { loadGrammar } from '../parse.ts';
import { isTree } from '../tree.ts';
import type { MaskedParts } from './masked-parts.ts';
import { shownByView, type Shown } from './view-columns.ts';

/** The definition of each view and what it reads directly. */
const viewSources = `
  select v.oid, pg_catalog.pg_get_viewdef(v.oid),
    (select pg_catalog.json_agg(pg_catalog.json_build_array(
        c.oid::text, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid)))
      from (select distinct d.refobjid from pg_catalog.pg_rewrite w
          join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
            and d.refclassid = 'pg_catalog.pg_class'::regclass
          where w.ev_class = v.oid and w.ev_type = '1' and d.refobjid <> v.oid) r
        join pg_catalog.pg_class c on c.oid = r.refobjid
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace)
  from pg_catalog.unnest($1::oid[]) as v(oid)`;

const sources = z.array(z.tuple([z.string(), z.string(), z.string(), z.boolean()]));

interface View {
  readonly tree: unknown;
  readonly reads: z.infer<typeof sources>;
}

/**
 * Views that read masked columns: which of their columns show them, as far as that can be proved. Those that show none
 * are no longer in the result.
 */
export async function withViewColumns(
  parts: ReadonlyMap<string, MaskedParts>,
  session: Session,
): Promise<ReadonlyMap<string, MaskedParts>> {
  const whole = [...parts].filter(([, { whole, origin }]) => whole && !origin.endsWith('()')).map(([id]) => id);
  if (whole.length === 0) return parts;
  const views = await readViews(whole, session);
  const known = new Map<string, Shown | undefined>();
  const shownBy = (id: string): Shown | undefined => {
    const view = views.get(id);
    if (view === undefined) return parts.get(id)?.whole === true ? undefined : (parts.get(id)?.columns ?? new Set());
    if (known.has(id)) return known.get(id);
    known.set(id, undefined); // a view that reads itself
    const found = shownByView(view.tree, (schema, name) => {
      const [source, second] = view.reads.filter(
        ([, itsSchema, itsName, visible]) =>
          itsName === name && (schema === undefined ? visible : itsSchema === schema),
      );
      return source === undefined || second !== undefined ? undefined : shownBy(source[0]);
    });
    const shown = found === undefined ? undefined : new Set([...(parts.get(id)?.columns ?? []), ...found]);
    known.set(id, shown);
    return shown;
  };
  const refined = new Map(parts);
  for (const id of whole) {
    const part = parts.get(id);
    const shown = shownBy(id);
    if (part === undefined || shown === undefined) continue;
    if (shown.size > 0) refined.set(id, { ...part, columns: shown, whole: false });
    else refined.delete(id);
  }
  return refined;
}

async function readViews(ids: readonly string[], session: Session): Promise<ReadonlyMap<string, View>> {
  const [grammar, answers] = await Promise.all([
    loadGrammar(),
    session.readAll([{ text: viewSources, values: [encodeParameter(ids)] }]),
  ]);
  const views = new Map<string, View>();
  for (const [id, definition, reads] of answers[0]?.rows ?? []) {
    try {
      const parsed: unknown = grammar.parseSync(definition ?? '');
      const statements = isTree(parsed) && Array.isArray(parsed['stmts']) ? parsed['stmts'].filter(isTree) : [];
      views.set(id ?? '', { tree: statements[0]?.['stmt'], reads: sources.parse(JSON.parse(reads ?? '[]')) });
    } catch {
      // Newer syntax than our grammar's: all its columns count.
      views.set(id ?? '', { tree: undefined, reads: [] });
    }
  }
  return views;
}
