import type { Library } from '../runs/runbook-library.ts';
import { mention, type MentionSource } from './mention-source.ts';

const freshMs = 5000;

/** Runbooks, which a prompt that begins with their name starts. */
export function runbookSource(library: () => Promise<Library>): MentionSource {
  return {
    trigger: '/',
    freshMs,
    load: async () =>
      (await library()).entries.map(({ runbook: { name, title } }) =>
        mention(
          { id: `runbook:${name}`, kind: 'runbook', label: `/${name}`, detail: title, insert: `/${name}` },
          () => Promise.resolve(undefined),
          `${name} ${title}`,
        ),
      ),
  };
}

/** The runbook that a prompt names: its first word, with nothing behind it. */
export function runbookNamedBy(prompt: string): string | undefined {
  return /^\/(?<name>[\p{L}\p{N}_-]+)\s*$/u.exec(prompt)?.groups?.['name'];
}
