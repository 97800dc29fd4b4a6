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
  const { text, values = [], rows = 0, portal = '', resume } = statement;
  const execute = message('E', zeroEnded(portal), int32(rows));
  if (resume === true) return execute;
  const constant = values.length === 0 && rows === 0 && portal === '';
  const known = constant ? constants.get(text) : undefined;
  if (known !== undefined) return known;
  const encoded = Buffer.concat([
    message('P', zeroEnded(''), zeroEnded(text), int16(0)),
    message(
      'B',
      zeroEnded(portal),
      zeroEnded(''),
      int16(0),
      int16(values.length),
      ...values.map(encodeValue),
      int16(0),
    ),
    message('D', Buffer.from('P'), zeroEnded(portal)),
    execute,
  ]);
  if (constant && constants.size < maxConstants) constants.set(text, encoded);
  return encoded;
}

function encodeValue(value: string | null): Buffer {
  if (value === null) return int32(-1);
  const bytes = Buffer.from(value);
  return Buffer.concat([int32(bytes.length), bytes]);
}

/** A type byte, the length (including itself), and the parts. */
function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4);
  return Buffer.concat([Buffer.from(type), int32(length), ...parts]);
}

function zeroEnded(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
