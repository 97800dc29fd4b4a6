import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../../servers/contract/redact.ts';
import type { ContextChip } from '../../../../src/chat/messages.ts';
import { createPromptFiles } from '../../../../src/vscode/composer/prompt-files.ts';

function files() {
  let shown: readonly ContextChip[] = [];
  const prompt = createPromptFiles({
    onChanged: (chips) => (shown = chips),
    redact: createRedactor([]),
    readImage: (data) => (data === 'AAAA' ? { mediaType: 'image/png', data } : undefined),
  });
  return { ...prompt, shown: () => shown };
}

describe('a file that is pasted or dropped', () => {
  it('goes along once, as a file, with what it is', () => {
    const prompt = files();
    expect(
      prompt.add({ name: 'C:\\tmp\\errors.csv', kind: 'text', data: 'code,failed\nE1,3\nE2,4\n' }),
    ).toBeUndefined();
    const [chip] = prompt.shown();
    expect(chip).toMatchObject({ label: 'errors.csv', detail: 'File errors.csv (2 rows)', suggested: true });
    const taken = prompt.take([chip!.id]);
    expect(taken.map(({ attachment }) => attachment)).toEqual([
      { label: 'File errors.csv (2 rows)', text: 'code,failed\nE1,3\nE2,4\n', from: 'file' },
    ]);
    expect(prompt.shown()).toEqual([]);
    expect(prompt.take([chip!.id])).toEqual([]);
  });

  it('does not go along once it was removed', () => {
    const prompt = files();
    prompt.add({ name: 'a.txt', kind: 'text', data: 'x' });
    const [chip] = prompt.shown();
    prompt.remove(chip!.id);
    expect(prompt.take([chip!.id])).toEqual([]);
  });

  it('is flagged when it has secrets, which do not go along', () => {
    const prompt = files();
    const key = `AKIA${'A'.repeat(16)}`;
    prompt.add({ name: 'keys.csv', kind: 'text', data: `user,key\na,${key}\nb,${key}` });
    const [chip] = prompt.shown();
    expect(chip?.warning).toBe('2 secrets were masked');
    expect(prompt.take([chip!.id])[0]?.attachment.text).not.toContain(key);
  });

  it('an image goes along as an image', () => {
    const prompt = files();
    expect(prompt.add({ name: 'shot.png', kind: 'image', data: 'AAAA' })).toBeUndefined();
    const [{ attachment } = { attachment: undefined }] = prompt.take(prompt.shown().map(({ id }) => id));
    expect(attachment).toMatchObject({ label: 'Image shot.png', image: { mediaType: 'image/png' } });
  });

  it.each([
    ['is empty', { name: 'a.txt', kind: 'text', data: ' \n' }, 'a.txt is empty.'],
    ['is not text', { name: 'a.bin', kind: 'text', data: 'a\0b' }, 'it is not text'],
    ['is too long', { name: 'a.csv', kind: 'text', data: 'x'.repeat(256_001) }, 'at most 256 kB fit'],
    ['was too large to read', { name: 'a.csv', kind: 'text', data: '', size: 9_400_000 }, 'it has 9.4 MB'],
    ['is no image that models accept', { name: 'a.svg', kind: 'image', data: 'PHN2Zz4' }, 'PNG, JPEG, GIF or WebP'],
  ] as const)('is refused with the reason when it %s', (_why, file, reason) => {
    const prompt = files();
    expect(prompt.add(file)).toContain(reason);
    expect(prompt.shown()).toEqual([]);
  });

  it('has a name of one plain line', () => {
    const prompt = files();
    prompt.add({ name: 'a\u202Egnp.\n--- Runbook ---', kind: 'text', data: 'x' });
    expect(prompt.shown()[0]?.label).toBe('a<U+202E>gnp. --- Runbook ---');
  });

  it('is one of at most ten', () => {
    const prompt = files();
    for (let each = 0; each < 10; each += 1) prompt.add({ name: `${each}.txt`, kind: 'text', data: 'x' });
    expect(prompt.add({ name: '11.txt', kind: 'text', data: 'x' })).toContain('At most 10 files');
  });
});
