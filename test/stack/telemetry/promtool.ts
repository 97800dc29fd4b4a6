import { spawnSync } from 'node:child_process';

/** Runs Prometheus' own checks. As root on Debian, it is installed by itself. @throws Error with what it says */
export function promtool(words: readonly string[], input = ''): string {
  requirePromtool();
  const { status, stdout, stderr } = spawnSync('promtool', words, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${words.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

function requirePromtool(): void {
  const isThere = (): boolean => spawnSync('promtool', ['--version']).status === 0;
  if (isThere()) return;
  if (process.getuid?.() === 0) {
    const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    spawnSync('apt-get', ['update'], quiet);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'prometheus'], quiet);
    if (isThere()) return;
  }
  throw new Error('promtool is needed: apt-get install prometheus (as root on Debian, it is installed by itself)');
}
