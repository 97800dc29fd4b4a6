/** JSON with the keys of every object sorted, so that equal values give equal text. `undefined` members are omitted. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value)) ?? 'null';
}

function sortKeys(value: unknown): unknown {
  // A table row has nothing to sort, so it is not copied.
  if (Array.isArray(value)) return value.some(isObject) ? value.map(sortKeys) : value;
  if (!isObject(value)) return value;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const inner = sortKeys(value[key]);
    // A plain assignment would set the prototype and lose the key.
    if (key === '__proto__') Object.defineProperty(sorted, key, { value: inner, enumerable: true });
    else sorted[key] = inner;
  }
  return sorted;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object';
}
