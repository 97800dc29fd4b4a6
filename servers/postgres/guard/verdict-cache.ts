import type { Verdict } from './check-statement.ts';

const maxVerdicts = 200;
/** The same as the catalog cache, which verdicts depend on. */
const freshMs = 60_000;

/** Texts that passed recently and can skip parsing and checking. */
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
