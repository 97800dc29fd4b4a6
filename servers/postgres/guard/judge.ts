import type { Catalog, FunctionFact, RelationFact } from '../catalog.ts';
import type { Session } from '../session.ts';
import { calledNames } from './called-names.ts';
import { closedRelations } from './function-lists.ts';
import { judgeFunction } from './function-policy.ts';
import { maskTables } from './mask.ts';
import { checkMemory } from './memory.ts';
import { collectMentions, type FunctionMention, type Mention, type Mentions } from './mentions.ts';
import type { Parsed } from './parse.ts';
import { refuse, type Rule } from './refusal.ts';
import { checkShape } from './shape.ts';

export interface Verdict {
  readonly kind: Parsed['kind'];
  /** What to run: the caller's text, with masked tables replaced. */
  readonly sql: string;
  readonly masked: readonly string[];
}

interface Judging {
  readonly sql: string;
  readonly catalog: Catalog;
  readonly session: Session;
}

const instead = 'Use functions that only compute or read. The owner can vouch for a function with DB_ALLOW_FUNCTIONS.';

/**
 * Everything that has to hold before a statement is run.
 * @throws ToolError `refused_by_guard`
 */
export async function judge(parsed: Parsed, catalog: Catalog, session: Session): Promise<Verdict> {
  checkShape(parsed);
  checkMemory(parsed);
  const mentions = collectMentions(parsed.tree);
  const judging = { sql: parsed.sql, catalog, session };
  await catalog.prepare(mentions, session);
  await checkFunctions(mentions, judging);
  await checkOperators(mentions, judging);
  await checkTypes(mentions, judging);
  const relations = await checkRelations(mentions, judging);
  return { kind: parsed.kind, ...(await maskTables(mentions, relations, judging)) };
}

async function checkFunctions(mentions: Mentions, judging: Judging): Promise<void> {
  const { catalog, session, sql } = judging;
  const all = [...mentions.functions, ...mentions.fields];
  const facts = await catalog.functions(namesOf(all), session);
  for (const mention of mentions.functions) {
    for (const fact of named(facts, mention)) {
      if (!mayMean(mention, fact)) continue;
      const reason = await judgeFunction(fact, catalog, session);
      if (reason !== undefined)
        throw refuse('function-policy', `Function ${reason}`, instead, { sql, byte: mention.byte });
    }
  }
  for (const mention of mentions.fields) {
    for (const fact of named(facts, mention)) {
      const mayBeCalled = fact.visible && fact.fewestArguments <= 1 && (!mention.ofRow || fact.takesRow);
      const reason = mayBeCalled ? await judgeFunction(fact, catalog, session) : undefined;
      if (reason !== undefined)
        throw refuse('function-policy', `'.${mention.name}' may call a function: ${reason}`, instead, {
          sql,
          byte: mention.byte,
        });
    }
  }
}

function namesOf(mentions: readonly Mention[]): string[] {
  return mentions.map(({ name }) => name);
}

function named<Fact extends { readonly name: string }>(facts: readonly Fact[], { name }: Mention): Fact[] {
  return facts.filter((fact) => fact.name === name);
}

/** Every function that the call could resolve to counts: which one it is, PostgreSQL decides by types we do not know. */
function mayMean(mention: FunctionMention, fact: FunctionFact): boolean {
  const count = mention.argumentCount;
  if (mention.schema === undefined ? !fact.visible : fact.schema !== mention.schema) return false;
  return count === undefined || (count >= fact.fewestArguments && count <= fact.mostArguments);
}

async function checkOperators(mentions: Mentions, judging: Judging): Promise<void> {
  const { catalog, session } = judging;
  const used = mentions.operators.filter(({ name }) => /^[+\-*/<>=~!@#%^&|`?]+$/.test(name));
  const facts = await catalog.operators(namesOf(used), session);
  for (const mention of used) {
    const names = named(facts, mention).map((fact) => fact.function);
    await checkNames('operator-policy', `Operator ${mention.name}`, names, mention, judging);
  }
}

async function checkTypes(mentions: Mentions, judging: Judging): Promise<void> {
  const { catalog, session } = judging;
  // `name(value)` is a cast when `name` is a type.
  const casts = [...mentions.types, ...mentions.functions.filter((mention) => mention.argumentCount === 1)];
  const facts = await catalog.types(namesOf(casts), session);
  for (const mention of casts) {
    for (const fact of named(facts, mention)) {
      const names = [...calledNames(fact.code, await catalog.grammar()), ...fact.functions];
      await checkNames('cast-policy', `A cast to ${mention.name}`, names, mention, judging);
    }
  }
}

async function checkRelations(mentions: Mentions, judging: Judging): Promise<ReadonlyMap<Mention, RelationFact[]>> {
  const { catalog, session, sql } = judging;
  const facts = await catalog.relations(namesOf(mentions.relations), session);
  const found = new Map<Mention, RelationFact[]>();
  for (const mention of mentions.relations) {
    const meant = named(facts, mention).filter((fact) =>
      mention.schema === undefined ? fact.visible : fact.schema === mention.schema,
    );
    found.set(mention, meant);
    for (const fact of meant) {
      const closed = fact.below.find(isClosed);
      if (closed !== undefined)
        throw refuse('relation-policy', `${closed} holds credentials or shows files of the server.`, 'Leave it out.', {
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
      const names = [...calledNames(fact.code, await catalog.grammar()), ...fact.functions];
      await checkNames('view-policy', `Reading ${fact.schema}.${fact.name}`, names, mention, judging);
    }
  }
  return found;
}

function isClosed(label: string): boolean {
  const match = /^(?:pg_catalog|information_schema)\.(.*)$/.exec(label);
  return match?.[1] !== undefined && closedRelations.has(match[1]);
}

/** Functions that run without being named in the statement. */
async function checkNames(
  rule: Rule,
  what: string,
  names: readonly string[],
  mention: Mention,
  { catalog, session, sql }: Judging,
): Promise<void> {
  for (const fact of await catalog.functions(names, session)) {
    const reason = await judgeFunction(fact, catalog, session);
    if (reason !== undefined)
      throw refuse(rule, `${what} runs a function that may not be called: ${reason}`, instead, {
        sql,
        byte: mention.byte,
      });
  }
}
