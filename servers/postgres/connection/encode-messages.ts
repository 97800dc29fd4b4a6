import type { Statement } from './statement.ts';

/**
 * Encodes several statements of the extended protocol with one Sync into one buffer: `pg` writes each message
 * separately, a dozen per read. https://www.postgresql.org/docs/18/protocol-message-formats.html
 * @param answerFirst the server sends the answer to the first statement before it begins the second.
 */
export function encodeFlight(statements: readonly Statement[], { answerFirst = false } = {}): Buffer {
  const [only, next] = statements;
  if (only?.plain === true && next === undefined) return message('Q', zeroEnded(only.text));
  const encoded = statements.map(encodeStatement);
  if (answerFirst) encoded.splice(1, 0, message('H'));
  return Buffer.concat([...encoded, message('S')]);
}

/** BEGIN, ROLLBACK and the like are always the same. */
const constants = new Map<string, Buffer>();
const maxConstants = 16;

function encodeStatement(statement: Statement): Buffer {
  const { text, values = [], rows = 0, portal = '', resume, bare } = statement;
  if (resume === true) return message('E', zeroEnded(portal), int32(rows));
  const constant = values.length === 0 && rows === 0 && portal === '';
  const known = constant ? constants.get(text) : undefined;
  if (known !== undefined) return known;
  const encoded = encodeParts(text, values, { rows, portal, bare: bare === true });
  if (constant && constants.size < maxConstants) constants.set(text, encoded);
  return encoded;
}

/** Parse, Bind, Describe and Execute, into one buffer: a query would otherwise make two dozen. */
function encodeParts(
  text: string,
  values: readonly (string | null)[],
  { rows, portal, bare }: { readonly rows: number; readonly portal: string; readonly bare: boolean },
): Buffer {
  const name = Buffer.byteLength(portal) + 1;
  const lengths = values.map((value) => (value === null ? -1 : Buffer.byteLength(value)));
  const bound = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), 0);
  const parse = 8 + Buffer.byteLength(text);
  const bind = 11 + name + bound;
  const describe = bare ? -1 : 5 + name;
  const execute = 8 + name;
  const bytes = Buffer.allocUnsafe(parse + bind + describe + execute + 4);
  let at = 0;
  const byte = (value: number): void => void (at = bytes.writeUInt8(value, at));
  const short = (value: number): void => void (at = bytes.writeUInt16BE(value, at));
  const long = (value: number): void => void (at = bytes.writeInt32BE(value, at));
  const begin = (type: string, length: number): void => {
    byte(type.charCodeAt(0));
    long(length);
  };
  const end = (zeroEndedText: string): void => {
    at += bytes.write(zeroEndedText, at);
    byte(0);
  };
  begin('P', parse);
  end('');
  end(text);
  short(0);
  begin('B', bind);
  end(portal);
  end('');
  short(0);
  short(values.length);
  for (const [index, value] of values.entries()) {
    long(lengths[index] ?? -1);
    if (value !== null) at += bytes.write(value, at);
  }
  short(0);
  if (!bare) {
    begin('D', describe);
    byte(0x50);
    end(portal);
  }
  begin('E', execute);
  end(portal);
  long(rows);
  return bytes;
}

/** A type byte, the length (including itself), and the parts. */
function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([Buffer.from(type), int32(length), ...parts]);
}

function zeroEnded(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
