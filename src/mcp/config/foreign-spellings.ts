import * as z from 'zod';

const object = z.record(z.string(), z.unknown());
const texts = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String));

/** Keys of other hosts that mean the same as one of ours. */
const aliases: Readonly<Record<string, string>> = {
  environment: 'env',
  envs: 'env',
  cmd: 'command',
  working_directory: 'cwd',
  workingDirectory: 'cwd',
};

/**
 * An entry as Zed, opencode, Warp, Goose and people write it, in the spelling of VS Code. `null` is nothing; a command
 * may be a list, an object or a whole line.
 */
export function inOurSpelling(value: unknown): unknown {
  const read = object.safeParse(value);
  if (!read.success) return value;
  const entry: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(read.data)) {
    if (given === null) continue;
    const alias = aliases[key];
    if (alias === undefined) entry[key] = given;
    else entry[alias] ??= given;
  }
  const { command, args, ...rest } = entry;
  return { ...rest, ...commandOf(command, args) };
}

function commandOf(command: unknown, args: unknown): Record<string, unknown> {
  const list = texts.safeParse(command);
  if (list.success)
    return { command: list.data[0], args: [...list.data.slice(1), ...(texts.safeParse(args).data ?? [])] };
  const asObject = object.safeParse(command);
  if (asObject.success) {
    const { path, args: own, env } = asObject.data;
    return { ...commandOf(path, own ?? args), ...(env !== undefined && env !== null && { env }) };
  }
  const given = { ...(command !== undefined && { command }), ...(args !== undefined && { args }) };
  if (typeof command !== 'string' || !isWholeLine.test(command)) return given;
  const [program, ...more] = command.split(/\s+/u);
  return { command: program, args: [...more, ...(texts.safeParse(args).data ?? [])] };
}

/** `npx -y x`, but neither a path with a space in it nor anything in quotes. */
const isWholeLine = /^[\w.@-]+(?:\s+[^\s"']+)+$/;
