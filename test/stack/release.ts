// npm run release -- patch | minor | major | 1.2.3: a new version in package.json, its lock file, servers/contract/version.ts,
// the servers' entries for the registry and CHANGELOG.md, after which all checks run and the .vsix is written. It commits nothing.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Why no release can be made, as a message for the user. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

/** @throws ReleaseError for what is neither a part of a version nor a later version. */
export function nextVersion(current: string, wanted: string): string {
  const now = partsOf(current);
  const [major, minor, patch] = now;
  if (wanted === 'major') return `${major + 1}.0.0`;
  if (wanted === 'minor') return `${major}.${minor + 1}.0`;
  if (wanted === 'patch') return `${major}.${minor}.${patch + 1}`;
  const then = partsOf(wanted);
  const differing = then.findIndex((part, index) => part !== now[index]);
  const later = (then[differing] ?? 0) > (now[differing] ?? 0);
  if (!later) throw new ReleaseError(`${wanted} is not later than ${current}.`);
  return wanted;
}

function partsOf(version: string): readonly [number, number, number] {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (patch === undefined)
    throw new ReleaseError(`'${version}': write patch, minor, major, or a version such as 1.2.3.`);
  return [Number(major), Number(minor), Number(patch)];
}

/** Moves the unreleased entries under the new version. @throws ReleaseError if there are none */
export function releaseChangelog(text: string, version: string, day: string): string {
  const [, before = '', body = '', rest = ''] =
    /^([\s\S]*?## \[Unreleased\]\n)([\s\S]*?)((?:\n## \[[\s\S]*)?)$/.exec(text) ?? [];
  if (before === '') throw new ReleaseError('CHANGELOG.md has no section [Unreleased].');
  if (!/^- /m.test(body)) throw new ReleaseError('CHANGELOG.md says nothing under [Unreleased].');
  return `${before}\n## [${version}] - ${day}\n${body}${rest}`;
}

const files = ['package.json', 'package-lock.json', 'servers/contract/version.ts', 'CHANGELOG.md'] as const;

function main(wanted: string | undefined): void {
  if (wanted === undefined) throw new ReleaseError('Which version? npm run release -- patch | minor | major | 1.2.3');
  const dirty = execFileSync('git', ['status', '--porcelain'], { encoding: 'utf8' }).trimEnd();
  if (dirty !== '') throw new ReleaseError(`The working tree has changes. Commit or stash them first:\n${dirty}`);
  const [manifest, lock, source, changelog] = files.map((file) => readFileSync(file, 'utf8'));
  const current = /"version": "([^"]+)"/.exec(manifest ?? '')?.[1] ?? '';
  const version = nextVersion(current, wanted);
  const day = new Date().toISOString().slice(0, 10);
  const written = [
    (manifest ?? '').replace(`"version": "${current}"`, `"version": "${version}"`),
    // Once for the project and once for its root package, both before any other package.
    (lock ?? '')
      .replace(`"version": "${current}"`, `"version": "${version}"`)
      .replace(`"version": "${current}"`, `"version": "${version}"`),
    (source ?? '').replace(`'${current}'`, `'${version}'`),
    releaseChangelog(changelog ?? '', version, day),
  ];
  for (const [index, file] of files.entries()) writeFileSync(file, written[index] ?? '');
  // The entries of the servers for the registry name it, too.
  execFileSync(process.execPath, ['test/stack/docs.ts'], { stdio: 'ignore' });
  for (const command of [['test'], ['run', 'package']]) {
    const { status } = spawnSync('npm', command, { stdio: 'inherit' });
    if (status === 0) continue;
    execFileSync('git', ['checkout', '--', ...files, 'servers']);
    throw new ReleaseError(`npm ${command.join(' ')} failed: the version is ${current} as before.`);
  }
  console.log(`\nswitchboard.vsix is version ${version}. To publish what it was made from:
  git commit -am "chore: release ${version}" && git tag v${version} && git push --follow-tags`);
}

if (import.meta.main) {
  try {
    main(process.argv[2]);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
