import { systems } from '../../../servers/contract/systems.ts';

/** What a new server is called, in each form that its files use. */
export interface Names {
  /** "statuspage" */
  readonly id: string;
  /** "Status Page" */
  readonly title: string;
}

/** The message says what is right instead. */
export class RefusedName extends Error {
  override readonly name = 'RefusedName';
}

/** Folders beside the servers, prefixes of settings, and what the files that get new lines call something else. */
const taken = new Set(
  'kit contract deploy claude switchboard anthropic budget mcp runbooks remote model effort grants servers systems tools settings definitions database proxy workspace template test'.split(
    ' ',
  ),
);
/** Their variables, `AWS_...`, tell other programs something, and the server would get them. */
const prefixesOfOthers = new Set(
  'aws azure cloud database db docker git github gitlab google home http https java kubernetes lc ld no node npm nvm otel path pg pip prometheus proxy python ssh ssl systemd temp tmp tz user vault vscode xdg'.split(
    ' ',
  ),
);
const words = new Set(
  'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum eval export extends false finally for from function get if implements import in infer instanceof interface is keyof let module namespace never new null number object of package private protected public readonly require return satisfies set static string super switch symbol this throw true try type typeof undefined unique unknown using var void while with yield'.split(
    ' ',
  ),
);

/** @throws RefusedName */
export function readNames(id: string | undefined, title: string | undefined): Names {
  const usage = 'npm run new:server -- statuspage "Status Page"';
  if (id === undefined || title === undefined) throw new RefusedName(`Give an id and a title: ${usage}`);
  if (!/^[a-z]{2,20}$/.test(id))
    throw new RefusedName(
      `'${id}' cannot be an id: it is part of the names of tools and variables, so it has 2 to 20 small letters and nothing else, such as statuspage.`,
    );
  if (systems.some((system) => system.id === id)) throw new RefusedName(`There is a server '${id}' already.`);
  if (taken.has(id)) throw new RefusedName(`'${id}' means something else here. Choose another id.`);
  if (words.has(id)) throw new RefusedName(`'${id}' is a word of TypeScript. Choose another id.`);
  const prefix = `${id.toUpperCase()}_`;
  if (prefixesOfOthers.has(id) || systems.some(({ variables }) => variables.test(`${prefix}URL`)))
    throw new RefusedName(
      `The variables of '${id}' would begin with ${prefix}, as those of other programs do. Choose another id.`,
    );
  if (!/^[\p{L}\p{N}](?:[\p{L}\p{N} .&+-]{0,38}[\p{L}\p{N}.+])?$/u.test(title))
    throw new RefusedName(
      `'${title}' cannot be a title: it is a name of at most 40 letters, digits, spaces and . & + -, such as "Status Page".`,
    );
  if (systems.some((system) => system.title.toLowerCase() === title.toLowerCase()))
    throw new RefusedName(`There is a server with the title ${title} already.`);
  return { id, title };
}
