/** What the catalog says of the things that statements use, as far as the guard cares. `id` is an object id. */

/** One row of pg_proc. */
export interface FunctionFact {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  /** f function, p procedure, a aggregate, w window function. */
  readonly kind: string;
  /** i immutable, s stable, v volatile. */
  readonly volatility: string;
  readonly language: string;
  readonly securityDefiner: boolean;
  readonly extension: string | undefined;
  /** Came with the server, whatever schema it is in. */
  readonly builtIn: boolean;
  /** Found by its bare name. */
  readonly visible: boolean;
  readonly minArguments: number;
  /** Infinity for variadic ones. */
  readonly maxArguments: number;
  /** Takes one row, or anything: `row.name` may call it. */
  readonly takesRow: boolean;
  /** Takes one value of any other kind: `(value).name` may call it. */
  readonly takesValue: boolean;
  /** What a function of the database's users runs: its body in sql or plpgsql, the defaults of its arguments. */
  readonly code: string;
  /** The functions that such an aggregate is made of, or that one in the language `internal` is another name for. */
  readonly components: readonly string[];
  /** Types of its arguments and results that the database's users made. */
  readonly types: readonly string[];
  /** What it takes, with pg_type's category: P stands for whatever is given, C for rows, A for arrays. */
  readonly parameters: readonly { readonly type: string; readonly category: string }[];
  /** The types that it gives, those of its OUT columns among them. */
  readonly results: readonly string[];
  /** Types of its arguments, without schemas: `geometry,double-precision`. */
  readonly signature: string;
  /** Of an extension's functions: one of its arguments may hold a text, or the name or id of something. */
  readonly takesText: boolean;
}

/** A table or view and all that reading it reads and runs. */
export interface RelationFact {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
  /** Texts that run when it is read: views below it, policies. */
  readonly code: string;
  /** The same and the definitions of materialized views below it, which do not run. */
  readonly definitions: string;
  /** Functions of the database's users that views, indexes, checks and partitions below it run. */
  readonly functions: readonly string[];
  /** Those that row-level security runs. */
  readonly policyFunctions: readonly string[];
  /** Types whose values views and policies below it make. */
  readonly types: readonly string[];
  /** Types of the columns, where the database's users made them. */
  readonly columnTypes: readonly string[];
  /** `schema.table` of every relation below it, itself included. */
  readonly below: readonly string[];
  /** Foreign tables that reading it reads. */
  readonly foreignTables: readonly string[];
}

/** An operator that is not PostgreSQL's own, with the function behind it. PostgreSQL's own all only compute. */
export interface OperatorFact {
  readonly name: string;
  readonly function: string;
}

/** A type that the database's users made. */
export interface TypeFact {
  readonly id: string;
  readonly name: string;
  /** Itself, and what it is made of: elements, fields, base types. */
  readonly parts: readonly string[];
  /** Checks of domains, as text. */
  readonly code: string;
  /** Functions that run when a value is made of text, or of another type by a check. */
  readonly functions: readonly string[];
  /** Functions by which its values are sorted and compared. */
  readonly comparing: readonly string[];
}

/** A cast whose function the database's users wrote. */
export interface CastFact {
  readonly source: string;
  readonly target: string;
  readonly targetName: string;
  readonly implicit: boolean;
  readonly function: string;
}
