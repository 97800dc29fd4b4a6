// npm run pictures: README's pictures and animation, light and dark, as the tests of VS Code draw them. Into media/pictures, which
// is no part of the package. Needs cwebp and img2webp (apt-get install webp; as root on Debian, it is installed by itself).
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../../media/pictures/', import.meta.url));

/** What the tests draw, by the name that README knows. */
const stills = { approval: 'approve-ticket', 'bug-from-selection': 'bug-from-selection' } as const;
/** The steps of the animation, and how long each is shown. */
const frames = [
  ['investigating', 1800],
  ['approve-ticket', 3000],
  ['approve-message', 3000],
  ['investigated', 2200],
  ['evidence', 3000],
] as const;
const themes = { light: 'Default Light Modern', dark: 'Default Dark Modern' } as const;
/** The scenes that draw all of them. */
const scenes = 'files the ticket as the person has edited it|drafts it with a link to the code';
const maxAnimationBytes = 600_000;

async function main(): Promise<void> {
  requireWebp();
  await mkdir(target, { recursive: true });
  for (const [theme, name] of Object.entries(themes)) {
    const drawn = await mkdtemp(join(tmpdir(), 'switchboard-pictures-'));
    const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts', '--project', 'vscode', '-t', scenes];
    run('npx', [...vitest, 'test/vscode/investigation.test.ts'], {
      PICTURES: '1',
      PICTURES_FOLDER: drawn,
      PICTURES_THEME: name,
    });
    for (const [still, file] of Object.entries(stills))
      run('cwebp', ['-quiet', '-q', '82', join(drawn, `${file}.png`), '-o', `${target}${still}-${theme}.webp`]);
    const steps = frames.flatMap(([file, ms]) => [
      '-d',
      String(ms),
      '-lossy',
      '-q',
      '60',
      '-m',
      '6',
      join(drawn, `${file}.png`),
    ]);
    const animation = `${target}investigation-${theme}.webp`;
    run('img2webp', ['-loop', '0', ...steps, '-o', animation]);
    const { size } = await stat(animation);
    if (size > maxAnimationBytes) throw new Error(`${animation} has ${size} bytes, more than ${maxAnimationBytes}.`);
    await rm(drawn, { recursive: true, force: true });
  }
}

function run(command: string, parameters: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
  const { status } = spawnSync(command, parameters, { stdio: 'inherit', env: { ...process.env, ...environment } });
  if (status !== 0) throw new Error(`${command} ended with ${status ?? 'a signal'}.`);
}

/** Installs the tools if that is possible. @throws Error that says what is needed */
function requireWebp(): void {
  const isThere = (): boolean =>
    spawnSync('img2webp', ['-version']).status === 0 && spawnSync('cwebp', ['-version']).status === 0;
  if (isThere()) return;
  if (process.getuid?.() === 0) {
    const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update'], quiet);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'webp'], quiet);
    if (isThere()) return;
  }
  throw new Error('cwebp and img2webp are needed: apt-get install webp (as root on Debian, it is installed by itself)');
}

await main();
