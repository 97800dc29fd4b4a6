import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nextVersion, releaseChangelog } from './stack/release.ts';

describe('a release', () => {
  it.each([
    ['patch', '0.1.10'],
    ['minor', '0.2.0'],
    ['major', '1.0.0'],
    ['0.1.11', '0.1.11'],
    ['0.10.0', '0.10.0'],
  ])('takes %s from 0.1.9 to %s', (wanted, version) => {
    expect(nextVersion('0.1.9', wanted)).toBe(version);
  });

  it.each(['0.1.9', '0.1.8', '0.0.99', 'next', 'v1.0.0', '1.0'])('refuses %s after 0.1.9', (wanted) => {
    expect(() => nextVersion('0.1.9', wanted)).toThrow(wanted);
  });

  it('puts what is unreleased under its version, before earlier ones', () => {
    const text = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- One.\n\n## [0.1.0] - 2026-01-01\n\n- Zero.\n';
    expect(releaseChangelog(text, '0.2.0', '2026-02-03')).toBe(
      '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-03\n\n### Added\n\n- One.\n\n## [0.1.0] - 2026-01-01\n\n- Zero.\n',
    );
    expect(() => releaseChangelog(releaseChangelog(text, '0.2.0', '2026-02-03'), '0.3.0', '2026-02-04')).toThrow(
      'nothing under [Unreleased]',
    );
  });

  it('has something to say in CHANGELOG.md as it is', () => {
    expect(releaseChangelog(readFileSync('CHANGELOG.md', 'utf8'), '9.0.0', '2026-01-01')).toContain('## [9.0.0]');
  });

  it('is refused in a tree with changes, and changes nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'release-'));
    try {
      execFileSync('git', ['init', '-q'], { cwd: folder });
      writeFileSync(join(folder, 'package.json'), '{"version": "0.1.0"}');
      const { status, stderr } = spawnSync(process.execPath, [resolve('test/stack/release.ts'), 'patch'], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining('The working tree has changes')]);
      expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe('{"version": "0.1.0"}');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
