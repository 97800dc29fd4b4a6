import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { systemErrorCode } from './errors.ts';

/** What version control and editors never show, wherever the tools run. */
const always = ['.git', '.svn', '.hg', '.jj', 'CVS', '.DS_Store', 'Thumbs.db', 'node_modules'];

/** Usual homes of credentials. Not read even where they are committed: what is read goes to the model. */
const credentials = [
  '.env',
  '.env.*',
  '!.env.example',
  '!.env.sample',
  '!.env.template',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.npmrc',
  '.netrc',
  '.pgpass',
  '.git-credentials',
  '.aws/credentials',
  '.kube/config',
  '*.tfstate',
];

/** For git, whose history may hold what the work tree no longer does. */
export const credentialPathspecs: readonly string[] = credentials
  .filter((pattern) => !pattern.startsWith('!'))
  .map((pattern) => `:(exclude,top,glob,icase)**/${pattern}`);

export type Exclusion = 'credentials' | 'excluded' | 'gitignored';

/** Which files of one folder the tools may see. Paths are relative to the folder, with `/`, and normalised. */
export interface FileRules {
  /** Undefined when the path may be seen. Asks about the parents as well, as git does. */
  readonly exclusion: (relativePath: string, isFolder: boolean) => Promise<Exclusion | undefined>;
}

/** @param globs VS Code's, as in `files.exclude`. .gitignore files are read as they are met. */
export function createFileRules(folder: string, globs: readonly string[]): FileRules {
  const secrets = ignore({ ignorecase: true }).add(credentials);
  const excluded = ignore().add(always).add(globs.flatMap(globToIgnore));
  const gitignores = new Map<string, Promise<Ignore | undefined>>();
  let outer: Promise<OuterRules[]> | undefined;

  const gitignoreOf = (path: string): Promise<Ignore | undefined> => {
    const known = gitignores.get(path);
    if (known !== undefined) return known;
    const reading = readGitignore(join(folder, path));
    gitignores.set(path, reading);
    return reading;
  };

  const gitignored = async (path: string): Promise<boolean> => {
    // The nearest .gitignore with an opinion decides.
    for (let parent = parentOf(path); ; parent = parentOf(parent)) {
      const rules = await gitignoreOf(parent);
      const verdict = rules?.test(parent === '' ? path : path.slice(parent.length + 1));
      if (verdict?.ignored === true) return true;
      if (verdict?.unignored === true) return false;
      if (parent === '') break;
    }
    for (const { prefix, rules } of await (outer ??= readOuterGitignores(folder))) {
      const verdict = rules.test(prefix + path);
      if (verdict.ignored || verdict.unignored) return verdict.ignored;
    }
    return false;
  };

  return {
    exclusion: async (relativePath, isFolder) => {
      const parts = relativePath.split('/');
      for (let depth = 1; depth <= parts.length; depth += 1) {
        const last = depth === parts.length;
        const path = parts.slice(0, depth).join('/') + (last && !isFolder ? '' : '/');
        if (secrets.ignores(path)) return 'credentials';
        if (excluded.ignores(path)) return 'excluded';
        if (await gitignored(path)) return 'gitignored';
      }
      return undefined;
    },
  };
}

interface OuterRules {
  /** From the folder of these rules to ours, ending in `/`. */
  readonly prefix: string;
  readonly rules: Ignore;
}

/** Of the folders between ours and the top of its repository, nearest first: ours may be one package of many. */
async function readOuterGitignores(folder: string): Promise<OuterRules[]> {
  const found: OuterRules[] = [];
  let prefix = '';
  for (let at = folder; !existsSync(join(at, '.git')); at = dirname(at)) {
    const above = dirname(at);
    if (above === at) return [];
    prefix = `${basename(at)}/${prefix}`;
    const rules = await readGitignore(above);
    if (rules !== undefined) found.push({ prefix, rules });
  }
  return found;
}

function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}

async function readGitignore(folder: string): Promise<Ignore | undefined> {
  try {
    return ignore().add(await readFile(join(folder, '.gitignore'), 'utf8'));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/** A VS Code glob as .gitignore lines: there, `dist` means only the one at the top, and braces are known. */
export function globToIgnore(glob: string): string[] {
  return expandBraces(glob).map((pattern) => (pattern.startsWith('**/') ? pattern : `/${pattern.replace(/^\//u, '')}`));
}

function expandBraces(glob: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/su.exec(glob);
  if (match === null) return [glob];
  const [, before = '', alternatives = '', after = ''] = match;
  return alternatives.split(',').flatMap((alternative) => expandBraces(`${before}${alternative}${after}`));
}
