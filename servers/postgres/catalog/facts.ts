/** What the catalog says about the objects that statements use, as far as the guard needs it. `id` is an object id. */

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
  /** Built in, whatever its schema. */
  readonly builtIn: boolean;
  /** Visible without a schema. */
  readonly visible: boolean;
  readonly minArguments: number;
  /** Infinity for variadic ones. */
  readonly maxArguments: number;
  /** Takes one row or any type: `row.name` may call it. */
  readonly takesRow: boolean;
  /** Takes one value of another type: `(value).name` may call it. */
  readonly takesValue: boolean;
  /** What a user-defined function runs: its sql or plpgsql body and the defaults of its arguments. */
  readonly code: string;
  /** The functions that a user-defined aggregate consists of, or that an alias in the language `internal` calls. */
  readonly components: readonly string[];
  /** User-defined types of its arguments and results. */
  readonly types: readonly string[];
  /** Its argument types, with pg_type's category: P for pseudo-types, C for rows, A for arrays. */
  readonly parameters: readonly { readonly type: string; readonly category: string }[];
  /** Its result types, including those of OUT columns. */
  readonly results: readonly string[];
  /** Its argument types without schemas: `geometry,double-precision`. */
  readonly signature: string;
  /** For extension functions: an argument may contain text, or the name or id of an object. */
  readonly takesText: boolean;
}

/** A table or view, with everything that reading it reads and runs. */
export interface RelationFact {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
  /** SQL that runs when it is read: views below it, policies. */
  readonly code: string;
  /** The same plus the definitions of materialized views below it, which do not run. */
  readonly definitions: string;
  /** The views that run when it is read, including itself. */
  readonly views: readonly ViewFact[];
  /** User-defined functions that views, indexes, checks and partitions below it run. */
  readonly functions: readonly string[];
  /** User-defined functions that row-level security runs. */
  readonly policyFunctions: readonly string[];
  /** Types whose values are created by views and policies below it. */
  readonly types: readonly string[];
  /** User-defined types of its columns. */
  readonly columnTypes: readonly string[];
  /** `schema.table` of every relation below it, including itself. */
  readonly below: readonly string[];
  /** Foreign tables that are read with it. */
  readonly foreignTables: readonly string[];
  readonly ofExtension: boolean;
}

export interface ViewFact {
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
  readonly definition: string;
}

/** A user-defined operator and its function. Built-in operators only compute. */
export interface OperatorFact {
  readonly name: string;
  readonly function: string;
}

/** A user-defined type. */
export interface TypeFact {
  readonly id: string;
  readonly name: string;
  /** Itself and its parts: elements, fields, base types. */
  readonly parts: readonly string[];
  /** Domain checks, as text. */
  readonly code: string;
  /** Functions that run when a value is created from text, or from another type with a check. */
  readonly functions: readonly string[];
  /** Functions that sort and compare its values. */
  readonly comparing: readonly string[];
}

/** A cast with a user-defined function. */
export interface CastFact {
  readonly source: string;
  readonly target: string;
  readonly targetName: string;
  readonly implicit: boolean;
  readonly function: string;
}
