import { ToolError } from '../kit/errors.ts';
import type { Log } from '../kit/log.ts';
import { Catalog } from './catalog/catalog.ts';
import type { Settings } from './config/config.ts';
import type { Target } from './config/database-settings.ts';
import type { Acting, Session } from './connection/session.ts';
import { serverError } from './connection/to-tool-error.ts';
import { checkMask } from './guard/mask/mask-check.ts';
import { checkRole, inspectRole, type RoleReport } from './guard/role.ts';
import { VerdictCache } from './guard/verdict-cache.ts';

/** What was learned of a database with the rights of one role: names that exist, and statements that may run. */
export class Knowledge {
  readonly catalog: Catalog;
  readonly judged = new VerdictCache();
  readonly #target: Target;
  readonly #settings: Settings;
  #report: RoleReport | undefined;

  constructor(target: Target, settings: Settings) {
    this.#target = target;
    this.#settings = settings;
    this.catalog = new Catalog(settings.guard);
  }

  /** What the role may do, read once. @throws ToolError `refused_by_guard` for a role that must not be used. */
  async roleOf(session: Session, acting: Acting | undefined, log: Log): Promise<RoleReport> {
    if (this.#report !== undefined) return this.#report;
    const check = (report: RoleReport): RoleReport => {
      checkRole(report, this.#settings.guard.allowSuperuser, this.#target.database, log);
      return report;
    };
    if (acting !== undefined) {
      // The account that is connected could take over the server as well.
      session.actAs(undefined);
      check(await inspectRole(session));
      session.actAs(acting);
    }
    const report = check(await this.#inspect(session, acting));
    await checkMask(session, this.#settings, log);
    this.#report = report;
    return report;
  }

  async #inspect(session: Session, acting: Acting | undefined): Promise<RoleReport> {
    try {
      return await inspectRole(session);
    } catch (error) {
      const reason = serverError(error);
      if (acting === undefined || reason === undefined) throw error;
      throw new ToolError(
        'not_configured',
        `Your queries run with the rights of the database role ${acting.role}, which cannot be used: ${reason.message}.`,
        { hint: `Whoever runs this server can allow it: GRANT "${acting.role}" TO "${this.#target.user}".` },
        { cause: error },
      );
    }
  }
}
