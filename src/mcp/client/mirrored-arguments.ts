import * as z from 'zod';

/** An argument that a remote server also wants in a header, so that gateways can route by it. */
export interface MirroredArgument {
  readonly path: readonly string[];
  /** `Mcp-Param-Region` */
  readonly header: string;
}

const keyword = 'x-mcp-header';
/** RFC 9110, 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const mirrorable = new Set<unknown>(['string', 'integer', 'boolean']);
const object = z.record(z.string(), z.unknown());

/**
 * Reads the `x-mcp-header` marks in an input schema (MCP 2026-07-28, Streamable HTTP).
 * @returns what is wrong when the tool must not be offered. The caller has checked the depth of the schema.
 */
export function readMirrored(inputSchema: unknown): readonly MirroredArgument[] | string {
  const found: MirroredArgument[] = [];
  const wrong = collect(inputSchema, [], found);
  if (wrong !== undefined) return wrong;
  const names = new Set(found.map(({ header }) => header.toLowerCase()));
  return names.size === found.length ? found : `two of its arguments have the same ${keyword}`;
}

function collect(schema: unknown, path: readonly string[], found: MirroredArgument[]): string | undefined {
  const read = object.safeParse(schema);
  if (!read.success) return undefined;
  const { properties, [keyword]: name, ...rest } = read.data;
  if (Object.hasOwn(read.data, keyword)) {
    const at = `${keyword} of '${path.join('.')}'`;
    if (path.length === 0) return `${keyword} is on the whole input`;
    if (typeof name !== 'string' || !token.test(name)) return `${at} is not a valid header name`;
    if (!mirrorable.has(rest['type'])) return `${at} is on something that is not a string, an integer or a boolean`;
    found.push({ path, header: `Mcp-Param-${name}` });
  }
  const elsewhere = Object.entries(rest).find(([part, inner]) => !data.has(part) && isMarked(inner));
  if (elsewhere !== undefined) return `${keyword} is below '${elsewhere[0]}', where no single argument has it`;
  for (const [argument, inner] of Object.entries(object.catch({}).parse(properties))) {
    const wrong = collect(inner, [...path, argument], found);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Keywords whose values are data, not schemas. */
const data = new Set(['default', 'const', 'enum', 'examples', 'example']);

function isMarked(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.hasOwn(value, keyword) || Object.values(value).some(isMarked);
}

/** The headers of one call. An argument that was not given has none. */
export function mirroredHeaders(mirrored: readonly MirroredArgument[], input: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { path, header } of mirrored) {
    const value = path.reduce<unknown>((inner, part) => object.safeParse(inner).data?.[part], input);
    if (typeof value === 'string') headers[header] = asHeaderValue(value);
    else if (typeof value === 'boolean' || isExact(value)) headers[header] = String(value);
  }
  return headers;
}

/** Whether both sides format the number the same way. */
function isExact(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}

/** Values that are not plain ASCII, have outer spaces, or look like encoded values are sent as Base64. */
function asHeaderValue(text: string): string {
  const isPlain = /^[\x20-\x7E\t]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/s.test(text);
  return isPlain ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
