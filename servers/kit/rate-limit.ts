import { setTimeout as sleep } from 'node:timers/promises';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { toolNames } from '../contract/tool-facts.ts';
import { ownName, type Caller } from './caller/caller.ts';
import { ConfigurationError, ToolError } from './errors.ts';

/** At most `points` in each window of `durationMs`, which starts with the first call. */
export interface Rate {
  readonly points: number;
  readonly durationMs: number;
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** "10/10m": ten in ten minutes; "1/s" is "1/1s". @throws ConfigurationError */
export function parseRate(text: string): Rate {
  const match = /^(\d{1,6})\/(\d{0,4})([smhd])$/.exec(text.trim());
  const points = Number(match?.[1]);
  const count = match?.[2] === '' ? 1 : Number(match?.[2]);
  const unit = match?.[3];
  const unitMs = unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? units[unit] : 0;
  const durationMs = count * unitMs;
  if (!(points > 0 && durationMs > 0 && durationMs <= 7 * units.d))
    throw new ConfigurationError(`'${text}' is not a limit such as 10/10m (ten in ten minutes; s, m, h or d)`);
  return { points, durationMs };
}

export interface Limiter {
  /**
   * Takes one point of `key`, waiting up to `maxWaitMs` for it.
   * @returns undefined on success, or else the milliseconds until a point is available.
   */
  readonly take: (key: string, waiter: Waiter, maxWaitMs: number) => Promise<number | undefined>;
}

/** Takes one point of a key. Returns undefined on success, or else the milliseconds until a point is available. */
type TakeNow = (key: string) => Promise<number | undefined>;

/** Counts in this process only. */
export function createLimiter({ points, durationMs }: Rate): Limiter {
  let limiter: RateLimiterMemory | undefined;
  return createLimiterOf(async (key) => {
    if (limiter === undefined) {
      const { RateLimiterMemory } = await import('rate-limiter-flexible');
      limiter ??= new RateLimiterMemory({ points, duration: durationMs / 1000 });
    }
    return consume(limiter, key);
  });
}

/** Adds the waiting. */
export function createLimiterOf(takeNow: TakeNow): Limiter {
  return {
    take: async (key, { signal, progress }, maxWaitMs) => {
      const until = performance.now() + maxWaitMs;
      for (let told = false; ; told = true) {
        const waitMs = await takeNow(key);
        if (waitMs === undefined) return undefined;
        if (performance.now() + waitMs > until) return waitMs;
        if (!told) progress(`Waiting ${Math.ceil(waitMs / 1000)} s for the rate limit`);
        await pause(waitMs, signal);
      }
    },
  };
}

/** Our own error instead of the abort reason: it says that nothing was done. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw new ToolError('cancelled', 'The call was cancelled while waiting for the rate limit.', {}, { cause: error });
  }
}

/** When no points are left, the library rejects with a result, not an error. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (result) {
    if (result instanceof Error) throw result;
    if (result !== null && typeof result === 'object' && 'msBeforeNext' in result)
      return Math.max(1, Number(result.msBeforeNext));
    throw new Error('unexpected result from the rate limiter', { cause: result });
  }
}

/** The rate limits of a server's tools. */
export interface ToolLimits {
  /** @throws ToolError `rate_limited` for reads, `quota_exceeded` for writes, with the time to wait. */
  readonly take: (
    tool: { readonly name: string; readonly risk: string },
    waiter: Waiter & { readonly call?: { readonly caller?: Caller | undefined } },
  ) => Promise<void>;
}

/** The longest wait within a tool call. */
const maxWaitMs = 5_000;

/**
 * @param setting SWITCHBOARD_RATE_LIMITS: "create_jira_ticket=10/10m,post_slack_message=off", or "off" for no limits.
 * Names of the other servers' tools are allowed: all three servers share one setting.
 * @param shared limits of writes, which all replicas share. Reads are counted in this process and need no state.
 * @throws ConfigurationError, also for an unknown tool name: the intended limit would not apply.
 */
export function createToolLimits(
  tools: Iterable<{ readonly name: string; readonly risk?: string; readonly limit: string | undefined }>,
  setting: string | undefined,
  shared: (name: string, rate: Rate) => Limiter = (_name, rate) => createLimiter(rate),
): ToolLimits {
  const asked = parseSetting(setting ?? '');
  const limiters = new Map<string, { rate: string; limiter: Limiter }>();
  for (const { name, risk, limit } of tools) {
    const rate = asked === 'off' ? 'off' : (asked.get(name) ?? limit ?? 'off');
    if (rate === 'off') continue;
    const parsed = parseRate(rate);
    limiters.set(name, { rate, limiter: risk === 'read' ? createLimiter(parsed) : shared(name, parsed) });
  }
  return {
    take: async ({ name, risk }, waiter) => {
      const found = limiters.get(name);
      const retryAfterMs = await found?.limiter.take(ownName(waiter.call?.caller, name), waiter, maxWaitMs);
      if (found === undefined || retryAfterMs === undefined) return;
      throw new ToolError(
        risk === 'read' ? 'rate_limited' : 'quota_exceeded',
        `${name} has reached its limit of ${found.rate.replace('/', ' calls in ')}.`,
        {
          retryAfterMs: Math.ceil(retryAfterMs),
          hint: 'If this many calls are intended, raise the limit in SWITCHBOARD_RATE_LIMITS. Do not work around it.',
        },
      );
    },
  };
}

function parseSetting(setting: string): 'off' | ReadonlyMap<string, string> {
  if (setting.trim() === 'off') return 'off';
  const rates = new Map<string, string>();
  for (const item of setting.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [, name, rate] = /^([a-z_]+)\s*=\s*(\S+)$/.exec(item) ?? [];
    if (name === undefined || rate === undefined)
      throw new ConfigurationError(
        `SWITCHBOARD_RATE_LIMITS: '${item}' is not tool=limit, such as create_jira_ticket=10/10m`,
      );
    checkName(name);
    if (rate !== 'off') checkRate(item, rate);
    rates.set(name, rate);
  }
  return rates;
}

function checkName(name: string): void {
  if (toolNames.includes(name)) return;
  const alike = (tool: string): number => likeness(pairsOf(name), pairsOf(tool));
  const [nearest = ''] = toolNames.toSorted((a, b) => alike(b) - alike(a));
  const meant = alike(nearest) > 0.6 ? `did you mean ${nearest}?` : `the tools are ${toolNames.join(', ')}`;
  throw new ConfigurationError(`SWITCHBOARD_RATE_LIMITS: there is no tool '${name}'; ${meant}`);
}

function pairsOf(name: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, name.length - 1) }, (_, index) => name.slice(index, index + 2)));
}

/** Share of letter pairs in common (Dice coefficient). */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return (2 * [...a].filter((pair) => b.has(pair)).length) / (a.size + b.size);
}

function checkRate(item: string, rate: string): void {
  try {
    parseRate(rate);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw new ConfigurationError(`SWITCHBOARD_RATE_LIMITS: in '${item}', ${reason}`, { cause: error });
  }
}
