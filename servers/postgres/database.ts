import { ToolError } from '../kit/errors.ts';
import type { Settings } from './config/config.ts';
import { isEncodingFailure } from './connection/encoding-hint.ts';
import { withSuggestion } from './schema/suggest.ts';
import { explainMasking, withoutValues } from './guard/mask/mask-errors.ts';
import { maskPlan } from './guard/mask/mask-plan.ts';
import { MaskedColumns } from './guard/mask/masked-columns.ts';
import { judge, type Verdict } from './guard/check-statement.ts';
import { parseStatement, type Parsed } from './guard/parse.ts';
import { refuse } from './guard/refusal.ts';
import type { RoleReport } from './guard/role.ts';
import { Knowledge } from './knowledge.ts';
import { estimateRows } from './schema/estimate-rows.ts';
import type { Statement } from './connection/statement.ts';
import { explainText, holdsEmptyPlan, parseForPlan, plannedAwayHint, readGenericPlan } from './generic-plan.ts';
import { withParameters } from './parameters.ts';
import { readPlan } from './plan.ts';
import { presentPage, type Asked, type QueryPage } from './present-page.ts';
import type { Acting, Page, Session } from './connection/session.ts';
import { SessionLender, type CallIo, type DatabaseIo } from './connection/session-lender.ts';
import { sqlState } from './connection/to-tool-error.ts';
import type { Target } from './config/database-settings.ts';

interface View {
  readonly acting: Acting;
  readonly sessions: SessionLender;
  readonly knowledge: Knowledge;
}

/** One configured database: what its connections may be used for. */
export class Database {
  readonly target: Target;
  readonly settings: Settings;
  readonly #sessions: SessionLender;
  readonly #acting: Acting | undefined;
  readonly #knowledge: Knowledge;
  readonly #ofRoles = new Map<string, Knowledge>();
  readonly #io: DatabaseIo;

  /**
   * @param others databases that may share the server's connections.
   * @param view of the same database with the rights of a role.
   */
  constructor(
    target: Target,
    settings: Settings,
    io: DatabaseIo,
    others: () => readonly Database[] = () => [],
    view?: View,
  ) {
    this.target = target;
    this.settings = settings;
    this.#io = io;
    this.#sessions = view?.sessions ?? new SessionLender(target, settings, io, others);
    this.#acting = view?.acting;
    this.#knowledge = view?.knowledge ?? new Knowledge(target, settings);
  }

  /** The same database and connections with the rights of a role. What was learned for one role counts for it alone. */
  as(acting: Acting): Database {
    const knowledge = this.#ofRoles.get(acting.role) ?? new Knowledge(this.target, this.settings);
    this.#ofRoles.set(acting.role, knowledge);
    const view = { acting, sessions: this.#sessions, knowledge };
    return new Database(this.target, this.settings, this.#io, undefined, view);
  }

  /**
   * Runs one statement, if the guard allows it, and returns its first page.
   * @throws ToolError
   */
  async query(sql: string, parameters: readonly unknown[], limit: number, io: CallIo): Promise<QueryPage> {
    // Connect and load the parser at the same time.
    const parsing = this.#knowledge.judged.has(sql) ? Promise.resolve(undefined) : parseStatement(sql);
    const acquiring = this.#acquire(io);
    acquiring.catch(() => undefined); // it may fail while the text is still being parsed; awaited below
    const parsed = await parsing.catch((error: unknown) => {
      void acquiring.then(
        (session) => this.#sessions.giveBack(session),
        () => undefined,
      );
      throw error;
    });
    return this.#sessions.lend(await acquiring, io, sql, async (session) => {
      await this.role(session);
      const verdict =
        this.#knowledge.judged.get(sql) ?? (await this.#judge(parsed ?? (await parseStatement(sql)), session));
      await this.#checkCost(sql, verdict, parameters, session);
      if (verdict.setsSeed) session.seedAgainAfter();
      const anyValues = verdict.plansAnyValues && parameters.length === 0;
      const { page, values } = await withParameters(parameters, async (values) => ({
        page: await this.#reading(session, { sql, sent: verdict.sql, values, verdict }, () =>
          anyValues ? readGenericPlan(session, verdict.sql) : session.read(verdict.sql, values, limit + 1),
        ),
        values,
      }));
      const estimatedRows = page.more === 'portal' ? await estimateRows(session, verdict, values) : undefined;
      const shown = await this.#present(
        session,
        page,
        { sql, limit, masked: verdict.masked, owner: this.#owner(io) },
        estimatedRows,
      );
      const empty = verdict.kind === 'explain' && parameters.includes(null) && holdsEmptyPlan(shown.rows);
      return empty ? { ...shown, notes: [...shown.notes, plannedAwayHint] } : shown;
    });
  }

  /** The next page of a cut result. @throws ToolError `not_found` if it waited too long. */
  async next(cursor: string, sql: string, limit: number, io: CallIo): Promise<QueryPage> {
    const held = this.#sessions.takeHeld(cursor, sql, this.#owner(io));
    return this.#sessions.lend(held.session, io, sql, async (session) => {
      const missing = limit + 1 - held.pending.length;
      const page: Page =
        missing <= 0 || held.more === 'none'
          ? { fields: held.fields, rows: [], more: held.more }
          : await this.#hiding([sql], () => session.fetch(missing));
      const rows = [...held.pending, ...page.rows];
      return this.#present(
        session,
        { ...page, fields: held.fields, rows },
        { sql, limit, masked: held.masked, owner: held.owner },
      );
    });
  }

  /** Runs our own catalog queries in one round trip. @returns all rows of each as text. @throws ToolError */
  async inspect(statements: readonly Statement[], io: CallIo): Promise<(string | null)[][][]> {
    const session = await this.#acquire(io);
    return this.#sessions.lend(session, io, undefined, async (session) => {
      await this.role(session);
      return readCatalog(session, statements);
    });
  }

  /** The same, plus what the connection's role may do. @throws ToolError */
  async examine(
    statements: readonly Statement[],
    io: CallIo,
  ): Promise<{ answers: (string | null)[][][]; role: RoleReport; stuck: { pid: number; seconds: number }[] }> {
    const session = await this.#acquire(io, 'health');
    return this.#sessions.lend(session, io, undefined, async (session) => {
      const role = await this.role(session);
      return { answers: await readCatalog(session, statements), role, stuck: this.#sessions.stuck };
    });
  }

  /** The columns that are masked now; undefined if none. @throws ToolError */
  async masked(io: CallIo): Promise<MaskedColumns | undefined> {
    if (!this.#knowledge.catalog.masks) return undefined;
    return this.#sessions.lend(await this.#acquire(io), io, undefined, (session) =>
      MaskedColumns.read(this.settings.guard, session),
    );
  }

  /** The plan of a query as JSON text; `analyze` runs it, and the server discards the rows. @throws ToolError */
  async explain(sql: string, parameters: readonly unknown[], analyze: boolean, io: CallIo): Promise<string> {
    const parsed = await (parameters.length === 0 ? parseForPlan(sql) : parseStatement(sql));
    if (parsed.kind !== 'select')
      throw new ToolError('invalid_arguments', "'query' must be a SELECT, without EXPLAIN before it.");
    const session = await this.#acquire(io);
    return this.#sessions.lend(session, io, sql, async (session) => {
      await this.role(session);
      const verdict = await this.#judge(parsed, session);
      if (verdict.setsSeed) session.seedAgainAfter();
      const { text, generic } = explainText(parsed, verdict, parameters, analyze);
      const page = await withParameters(parameters, (values) =>
        this.#reading(session, { sql: parsed.sql, sent: text, values, verdict }, () =>
          generic ? readGenericPlan(session, text) : session.read(text, values, 0),
        ),
      );
      const plan = page.rows[0]?.[0] ?? '[]';
      const masked = this.#knowledge.catalog.masks
        ? await this.#knowledge.catalog.maskedColumns(session, [])
        : undefined;
      return masked !== undefined && masked.policyTables.size > 0 ? maskPlan(plan) : plan;
    });
  }

  /** What the role may do, read once. @throws ToolError `refused_by_guard` for a role that must not be used. */
  async role(session: Session): Promise<RoleReport> {
    return this.#knowledge.roleOf(session, this.#acting, this.#io.log);
  }

  #acquire(io: CallIo, about: 'query' | 'health' = 'query'): Promise<Session> {
    return this.#sessions.acquire(io, this.#acting, about);
  }

  #owner({ caller }: CallIo): string {
    return JSON.stringify([caller, this.#acting]);
  }

  /** Closes an idle connection. @returns false if there is none. */
  async giveUpOne(): Promise<boolean> {
    return this.#sessions.giveUpOne();
  }

  async dispose(): Promise<void> {
    await this.#sessions.dispose();
  }

  async #judge(parsed: Parsed, session: Session): Promise<Verdict> {
    const verdict = await judge(parsed, this.#knowledge.catalog, session);
    this.#knowledge.judged.set(parsed.sql, verdict);
    return verdict;
  }

  /** Off by default. Planner costs are estimates, so this stops extreme queries, not merely slow ones. */
  async #checkCost(sql: string, verdict: Verdict, parameters: readonly unknown[], session: Session): Promise<void> {
    const { maxCost } = this.settings.budget;
    if (maxCost === undefined || verdict.kind !== 'select') return;
    const sent = `EXPLAIN (FORMAT JSON) ${verdict.sql}`;
    const { rows } = await withParameters(parameters, (values) =>
      this.#reading(session, { sql, sent, values, verdict }, () => session.read(sent, values, 0)),
    );
    const cost = Math.round(readPlan(rows[0]?.[0] ?? '[]').root['Total Cost']);
    if (cost > maxCost)
      throw refuse(
        'cost',
        `The planner expects this query to cost ${cost}; at most ${maxCost} is allowed (DB_MAX_COST).`,
        'Filter on an indexed column, or aggregate less. explain_query shows where the cost is.',
      );
  }

  /** Runs the caller's statement, with masking applied to its error messages. */
  async #reading<Result>(
    session: Session,
    read: { sql: string; sent: string; values: readonly (string | null)[]; verdict: Verdict },
    run: () => Promise<Result>,
  ): Promise<Result> {
    const { sql, values, verdict } = read;
    try {
      return await withSuggestion(session, read, () => this.#hiding([sql, ...values], run));
    } catch (error) {
      throw explainMasking(error, sql, verdict.masked);
    }
  }

  #hiding<Result>(written: readonly (string | null)[], read: () => Promise<Result>): Promise<Result> {
    return this.#knowledge.catalog.masks ? withoutValues(written, read) : read();
  }

  #present(session: Session, page: Page, asked: Asked, estimatedRows?: number): Promise<QueryPage> {
    return presentPage(
      page,
      asked,
      {
        budget: this.settings.budget,
        typeNames: (ids) => this.#knowledge.catalog.typeNames(ids, session),
        hold: (rest) => this.#sessions.hold({ ...rest, session }),
      },
      estimatedRows,
    );
  }
}

/** One comment or label with invalid UTF-8 must not block the rest: then the raw bytes are read. */
async function readCatalog(session: Session, statements: readonly Statement[]): Promise<(string | null)[][][]> {
  try {
    return (await session.readAll(statements)).map((answer) => answer.rows);
  } catch (error) {
    if (!isEncodingFailure(sqlState(error))) throw error;
    const answers = await session.readAll([{ text: 'SET LOCAL client_encoding = SQL_ASCII' }, ...statements]);
    return answers.slice(1).map((answer) => answer.rows);
  }
}
