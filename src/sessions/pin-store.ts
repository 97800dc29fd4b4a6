import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { canonicalJson } from '../../servers/contract/canonical-json.ts';
import { sha256Hex } from '../../servers/contract/sha256.ts';
import {
  toolDefinitionSchema,
  type PinnedServer,
  type ToolDefinition,
  type ToolPin,
  type ToolPins,
} from '../agent/policy/tool-pins.ts';
import { isCode, withLock } from './lock-file.ts';
import { replaceFile } from './replace-file.ts';
import { makeFolder } from './make-folder.ts';

/** A pin file is damaged. Ignoring the pins would hide a change, so the message names the file and the way out. */
export class PinStoreError extends Error {
  override readonly name = 'PinStoreError';
}

const pinSchema = z.strictObject({ tool: z.string(), isNew: z.boolean(), definition: toolDefinitionSchema });
const fileSchema = z.strictObject({ version: z.literal(1), server: z.string(), pins: z.array(pinSchema) });

type Pins = ReadonlyMap<string, ToolPin>;

/** A server that keeps changing its tool names must not fill the disk or push out its old pins. */
const mostPins = 1000;

/**
 * Pins in one file per server. A tool that is no longer offered stays pinned, because it may come back changed.
 * Everything rejects with PinStoreError while the server's file is damaged.
 * @param folder created when the first pin is saved.
 */
export function createPinStore(folder: string): ToolPins {
  const change = async (server: PinnedServer, edit: (pins: Pins | undefined) => Pins): Promise<Pins> => {
    const file = fileOf(folder, server);
    await makeFolder(folder);
    return withLock(`${file}.lock`, async () => {
      const pins = edit(await load(file));
      await replaceFile(file, { version: 1, server: server.id, pins: [...pins].map(toEntry) });
      return pins;
    });
  };
  return {
    look: async (server, tools) => {
      const pins = await load(fileOf(folder, server));
      const known = pins !== undefined && [...tools.keys()].every((name) => pins.has(name));
      const pinned = known || pins?.size === mostPins ? pins : await change(server, (before) => withNew(before, tools));
      return new Map([...pinned].filter(([name]) => tools.has(name)));
    },
    accept: async (server, tool, definition) => {
      await change(server, (pins) => new Map(pins).set(tool, { definition, isNew: false }));
    },
  };
}

/** The user chose the server for the tools it first offers. Later tools are new. */
function withNew(before: Pins | undefined, tools: ReadonlyMap<string, ToolDefinition>): Pins {
  const pins = new Map(before);
  for (const [name, definition] of tools) {
    if (!pins.has(name) && pins.size < mostPins) pins.set(name, { definition, isNew: before !== undefined });
  }
  return pins;
}

/** The command line may contain secrets, so only its digest is stored. */
function fileOf(folder: string, { id, command, args }: PinnedServer): string {
  return join(folder, `${id}-${sha256Hex(canonicalJson([id, command, args])).slice(0, 16)}.json`);
}

function toEntry([tool, pin]: readonly [string, ToolPin]): z.infer<typeof pinSchema> {
  return { tool, isNew: pin.isNew, definition: pin.definition };
}

/** undefined: the server was never seen. */
async function load(file: string): Promise<Pins | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = fileSchema.safeParse(parseJson(text));
  if (parsed.success) return new Map(parsed.data.pins.map(({ tool, ...pin }) => [tool, pin]));
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new PinStoreError(`${file} is damaged${where}. Move it away to pin the tools of this server again.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
