/** One call to be made with a secret in it, and where it was put. */
export interface Planted {
  readonly place: string;
  readonly input: Record<string, unknown>;
}

/** The input once for each of its texts, however deep, and for each name of a property below the first level, with `change` applied there. */
export function plant(input: Readonly<Record<string, unknown>>, change: (text: string) => string): Planted[] {
  return Object.entries(input).flatMap(([name, value]) =>
    variants(value, change).map(({ at, changed }) => ({ place: `${name}${at}`, input: { ...input, [name]: changed } })),
  );
}

interface Variant {
  readonly at: string;
  readonly changed: unknown;
}

function variants(value: unknown, change: (text: string) => string): Variant[] {
  if (typeof value === 'string') return [{ at: '', changed: change(value) }];
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, index) =>
      variants(item, change).map(({ at, changed }) => ({ at: `[${index}]${at}`, changed: items.with(index, changed) })),
    );
  }
  const entries: [string, unknown][] = Object.entries(value);
  return entries.flatMap(([name, inner]) => [
    { at: `.${name} (its name)`, changed: { ...value, [change(name)]: inner } },
    ...variants(inner, change).map(({ at, changed }) => ({
      at: `.${name}${at}`,
      changed: { ...value, [name]: changed },
    })),
  ]);
}

/** What a secret may look like on its way, and still be read by whoever finds it. */
export function disguises(secret: string): ((text: string) => string)[] {
  const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
  // Alone, and within other text.
  return [...new Set(forms)].flatMap((form) => [() => form, (text: string) => `${text} ${form}.`]);
}

/** @throws for arguments of a tool that no input of the list gives: in those nothing would be planted. */
export function requireEveryArgument(
  tools: readonly { name: string; inputSchema: { properties?: Record<string, unknown> | undefined } }[],
  inputs: readonly (readonly [tool: string, input: Readonly<Record<string, unknown>>])[],
): void {
  const missing = tools.flatMap(({ name, inputSchema }) =>
    Object.entries(inputSchema.properties ?? {})
      .filter(([, schema]) => !/^\{[^{}]*"type":"(?:integer|number|boolean)"/.test(JSON.stringify(schema)))
      .map(([argument]) => argument)
      .filter((argument) => !inputs.some(([tool, input]) => tool === name && argument in input))
      .map((argument) => `${name}.${argument}`),
  );
  if (missing.length > 0) throw new Error(`nothing would be planted in ${missing.join(', ')}`);
}
