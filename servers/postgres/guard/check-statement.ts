import type { FunctionFact, RelationFact } from '../catalog/facts.ts';
import { mayCast, type Catalog } from '../catalog/catalog.ts';
import type { Session } from '../connection/session.ts';
import { checkCollected, checkExpansion } from './growth.ts';
import { rowMakers, secretColumns } from './function-lists.ts';
import { maskTables } from './mask/mask.ts';
import { checkMemory } from './memory-use.ts';
import { collectMentions, type FunctionMention, type Mention, type Mentions } from './collect-references.ts';
import { Meaning } from './meaning.ts';
import { asksForGenericPlan } from './parameter-use.ts';
import type { Parsed } from './parse.ts';
import { checkRecursion } from './recursive-growth.ts';
import { Reach } from './indirect-calls.ts';
import { refuse, type Rule } from './refusal.ts';
import { mayShowSecret } from './secret-columns.ts';
import { sizeViews } from './view-sizes.ts';
import { checkShape } from './statement-kind.ts';
import type { Tree } from './tree.ts';

export interface Verdict {
  readonly kind: Parsed['kind'];
  /** The SQL to run: the caller's text with masked tables replaced. */
  readonly sql: string;
  readonly masked: readonly string[];
  /** Calls setseed(): the session must be reseeded. */
  readonly setsSeed: boolean;
  /** EXPLAIN (GENERIC_PLAN) of a query with `$1`. */
  readonly plansAnyValues: boolean;
}

interface Judging {
  readonly sql: string;
  readonly tree: Tree;
  readonly catalog: Catalog;
  readonly session: Session;
  readonly reach: Reach;
}

const instead = 'Use functions that only compute or read. The owner can allow a function with DB_ALLOW_FUNCTIONS.';

/**
 * Checks everything before a statement runs.
 * @throws ToolError `refused_by_guard`
 */
export async function judge(parsed: Parsed, catalog: Catalog, session: Session): Promise<Verdict> {
  checkShape(parsed);
  checkMemory(parsed);
  checkCollected(parsed);
  checkRecursion(parsed);
  const mentions = collectMentions(parsed.tree);
  const judging = { sql: parsed.sql, tree: parsed.tree, catalog, session, reach: new Reach(catalog, session) };
  await catalog.prepare(mentions, session);
  const functionTypes = await checkFunctions(mentions, judging);
  await checkOperators(mentions, judging);
  const types = await checkTypes(mentions, judging);
  const relations = await checkRelations(mentions, judging);
  checkExpansion(parsed, sizeViews([...relations.values()].flat(), await catalog.grammar()));
  await checkCasts(mentions, [...functionTypes, ...types], relations, judging);
  return {
    kind: parsed.kind,
    setsSeed: judging.reach.setsSeed,
    plansAnyValues: asksForGenericPlan(parsed),
    ...(await maskTables(mentions, relations, { parsed, catalog, session })),
  };
}

/** @returns the types that the functions take and return. */
async function checkFunctions(mentions: Mentions, judging: Judging): Promise<string[]> {
  const { catalog, session, sql, reach } = judging;
  const facts = await catalog.functions(namesOf([...mentions.functions, ...mentions.fields]), session);
  const meaning = new Meaning(judging.tree, mentions, catalog, session);
  const types: string[] = [];
  for (const mention of mentions.functions) {
    for (const fact of named(facts, mention)) {
      if (!mayMean(mention, fact)) continue;
      types.push(...fact.types);
      const reason = await reach.ofFunction(fact);
      if (reason !== undefined && (await meaning.mayCall(fact, mention)))
        throw refuse('function-policy', `Function ${reason}`, instead, { sql, byte: mention.byte });
    }
  }
  for (const mention of mentions.fields) {
    for (const fact of named(facts, mention)) {
      if (!fact.visible || !(mention.ofRow ? fact.takesRow : fact.takesValue)) continue;
      types.push(...fact.types);
      const reason = await reach.ofFunction(fact);
      if (reason !== undefined && (!mention.ofRow || (await meaning.mayTakeRow(fact))))
        throw refuse('function-policy', `'.${mention.name}' may call a function: ${reason}`, instead, {
          sql,
          byte: mention.byte,
        });
    }
  }
  for (const { name, byte } of mentions.hiddenTypes)
    throw refuse(
      'function-policy',
      `${name} runs the checks of a type that is not written as a constant.`,
      'Write the type name as a constant.',
      {
        sql,
        byte,
      },
    );
  return types;
}

function namesOf(mentions: readonly Mention[]): string[] {
  return mentions.map(({ name }) => name);
}

function named<Fact extends { readonly name: string }>(facts: readonly Fact[], { name }: Mention): Fact[] {
  return facts.filter((fact) => fact.name === name);
}

/** Checks every function that the call could resolve to, since PostgreSQL decides by types that are unknown here. */
function mayMean(mention: FunctionMention, fact: FunctionFact): boolean {
  const count = mention.argumentCount;
  if (mention.schema === undefined ? !fact.visible : fact.schema !== mention.schema) return false;
  return count === undefined || (count >= fact.minArguments && count <= fact.maxArguments);
}

async function checkOperators(mentions: Mentions, judging: Judging): Promise<void> {
  const { catalog, session, reach } = judging;
  const used = mentions.operators.filter(({ name }) => /^[+\-*/<>=~!@#%^&|`?]+$/.test(name));
  const facts = await catalog.operators(namesOf(used), session);
  for (const mention of used) {
    const reason = await reach.ofFunctions(named(facts, mention).map((fact) => fact.function));
    refuseFor('operator-policy', `Operator ${mention.name}`, reason, mention, judging);
  }
}

/** @returns the types that the statement names, with their parts. */
async function checkTypes(mentions: Mentions, judging: Judging): Promise<string[]> {
  const { catalog, session, reach } = judging;
  const makesRows = [...mentions.functions, ...mentions.operators].some(({ name }) => rowMakers.has(name));
  const made: readonly Mention[] = [
    ...mentions.types,
    // `name(value)` is a cast when `name` is a type.
    ...mentions.functions.filter((mention) => mention.argumentCount === 1),
    ...(makesRows ? mentions.relations : []),
  ];
  const facts = await catalog.types(namesOf(made), session);
  for (const mention of made) {
    for (const fact of named(facts, mention)) {
      const reason = await reach.ofType(fact, 'made');
      refuseFor('cast-policy', `A value of type ${mention.name}`, reason, mention, judging);
    }
  }
  return facts.flatMap((fact) => fact.parts);
}

async function checkCasts(
  mentions: Mentions,
  types: readonly string[],
  relations: ReadonlyMap<Mention, readonly RelationFact[]>,
  judging: Judging,
): Promise<void> {
  const { reach } = judging;
  if (!mayCast(mentions)) return;
  const columns = [...relations.values()].flat().flatMap((fact) => fact.columnTypes);
  const atHand = new Set([...types, ...(await reach.partsOf([...columns, ...types]))]);
  const targets = mentions.types.concat(mentions.functions.filter(({ argumentCount }) => argumentCount === 1));
  const reason = await reach.ofCasts(new Set(namesOf(targets)), atHand);
  const [at] = targets;
  refuseFor('cast-policy', 'A cast', reason, at ?? { name: '', schema: undefined, byte: 0 }, judging);
}

async function checkRelations(mentions: Mentions, judging: Judging): Promise<ReadonlyMap<Mention, RelationFact[]>> {
  const { catalog, session, sql, reach } = judging;
  const facts = await catalog.relations(namesOf(mentions.relations), session);
  const found = new Map<Mention, RelationFact[]>();
  for (const mention of mentions.relations) {
    const meant = named(facts, mention).filter((fact) =>
      mention.schema === undefined ? fact.visible : fact.schema === mention.schema,
    );
    found.set(mention, meant);
    for (const fact of meant) {
      if (fact.schema === 'pg_catalog' && mayShowSecret(judging.tree, fact.name))
        throw refuse(
          'relation-policy',
          `${fact.name}.${secretColumns.get(fact.name)?.secret} contains credentials.`,
          `List the columns that you need, except that one: ${secretColumns.get(fact.name)?.plain.join(', ')}.`,
          { sql, byte: mention.byte },
        );
      const closed = await reach.closedPart(fact);
      if (closed !== undefined)
        throw refuse('relation-policy', `${closed} contains credentials or shows server files.`, 'Remove it.', {
          sql,
          byte: mention.byte,
        });
      if (fact.foreignTables.length > 0 && !catalog.settings.allowForeignTables)
        throw refuse(
          'relation-policy',
          `${fact.foreignTables.join(', ')} is a foreign table: reading it acts on another server or a file.`,
          'The owner can allow foreign tables with DB_ALLOW_FOREIGN_TABLES=1.',
          { sql, byte: mention.byte },
        );
      refuseFor('view-policy', `Reading ${fact.schema}.${fact.name}`, await reach.ofRelation(fact), mention, judging);
    }
  }
  return found;
}

/** For functions that run without appearing in the statement. */
function refuseFor(rule: Rule, what: string, reason: string | undefined, { byte }: Mention, { sql }: Judging): void {
  if (reason !== undefined)
    throw refuse(rule, `${what} runs a function that is not allowed: ${reason}`, instead, { sql, byte });
}
