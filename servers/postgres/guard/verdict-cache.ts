import type { Verdict } from './check-statement.ts';

const maxVerdicts = 200;
/** As long as the catalog's answers are believed, on which a verdict rests. */
const freshMs = 60_000;

/** Texts that passed a moment ago. They pass again without being parsed and judged again. */
export class VerdictCache {
  readonly #verdicts = new Map<string, { readonly verdict: Verdict; readonly since: number }>();

  has(sql: string): boolean {
    return this.get(sql) !== undefined;
  }

  get(sql: string): Verdict | undefined {
    const found = this.#verdicts.get(sql);
    return found !== undefined && performance.now() - found.since < freshMs ? found.verdict : undefined;
  }

  set(sql: string, verdict: Verdict): void {
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size >= maxVerdicts && oldest !== undefined) this.#verdicts.delete(oldest);
    this.#verdicts.delete(sql);
    this.#verdicts.set(sql, { verdict, since: performance.now() });
  }
}
