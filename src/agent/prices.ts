import type { Price } from './budget.ts';
import type { TurnUsage } from './model/model.ts';

/** US dollars per million tokens. */
interface Rates {
  readonly input: number;
  readonly output: number;
  /** Default: a tenth of `input`. */
  readonly cacheRead?: number;
  /** Default: 1.25 times `input`, the price of a write kept for five minutes. */
  readonly cacheWrite?: number;
}

interface ModelPrice extends Rates {
  /** Rates for prompts with more tokens than this. */
  readonly long?: Rates & { readonly above: number };
}

/** The date of the last comparison of this table with the Anthropic API's list prices. */
export const pricesAsOf = '2026-11-22';

const table: Readonly<Record<string, ModelPrice>> = {
  'claude-fable-5-1': { input: 10, output: 50 },
  'claude-opus-5-5': { input: 4, output: 20 },
  'claude-opus-5': { input: 5, output: 25 },
  'claude-sonnet-5-5': { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 },
  'claude-haiku-5-5': {
    input: 0.1,
    output: 0.5,
    cacheRead: 0.01,
    long: { above: 100_000, input: 0.5, output: 2.5 },
  },
  'claude-haiku-4-5': { input: 1, output: 5 },
};

// A Map, because a model may be called `constructor`.
const prices: ReadonlyMap<string, ModelPrice> = new Map(Object.entries(table));

/** Models whose price is known, by US dollars per million input and output tokens. */
export function listedPrices(): readonly { readonly model: string; readonly input: number; readonly output: number }[] {
  return Object.entries(table).map(([model, { input, output }]) => ({ model, input, output }));
}

/** `2/10`: US dollars per million input and output tokens. */
const pricePattern = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/;

/**
 * The cost of a turn. Unknown, never guessed, for a model that is not in the table.
 * @param given set by a person in the form of `pricePattern`; takes precedence over the table
 */
export function priceOf(model: string, given = ''): Price {
  const [, input, output] = pricePattern.exec(given) ?? [];
  const price = input === undefined ? prices.get(modelName(model)) : { input: Number(input), output: Number(output) };
  return price === undefined ? () => undefined : (usage) => costOf(price, usage);
}

// `us.anthropic.`, `arn:aws:bedrock:…:inference-profile/…`, `publishers/anthropic/models/`, `openrouter/anthropic/`.
const platforms =
  /^(?:arn:aws[\w-]*:bedrock:[\w-]*:\d*:(?:foundation-model|inference-profile)\/|(?:amazon-bedrock|bedrock|google-vertex(?:-anthropic)?|vertex_ai|vertex|azure_ai|azure|foundry|openrouter|litellm(?:_proxy)?|[a-z]{2}(?:-gov)?-[a-z]+-\d|converse|models|projects\/[\w.:-]+|locations\/[\w-]+|publishers)\/)/;
const owner = /^(?:(?:[a-z]{2}(?:-gov)?|apac|global)\.)?anthropic[./:]/;
// A date, a Bedrock version, the long context, a gateway variant.
const ending =
  /(?:[-@]\d{8}|[-@](?:latest|default)|-v\d+(?::\d+)?(?::\d+k)?|\[1m\]|:(?:beta|thinking|nitro|floor|online|extended))$/;

/** The model's name in Anthropic's own API, for any spelling: `claude-sonnet-5-5`. */
export function modelName(id: string): string {
  let name = id.trim().toLowerCase();
  for (let before = ''; before !== name;) {
    before = name;
    name = name
      .replace(platforms, '')
      .replace(owner, '')
      .replace(/^models\//, '')
      .replace(ending, '');
  }
  // Gateways write the version with a period.
  return name.replace(/^(claude-[a-z]+-\d+)\.(\d+)$/, '$1-$2');
}

function costOf(price: ModelPrice, usage: TurnUsage): number {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage;
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  const rates: Rates = price.long !== undefined && prompt > price.long.above ? price.long : price;
  const { input, output, cacheRead = input / 10, cacheWrite = (input * 5) / 4 } = rates;
  const dollars =
    inputTokens * input + outputTokens * output + cacheReadTokens * cacheRead + cacheWriteTokens * cacheWrite;
  return dollars / 1_000_000;
}
