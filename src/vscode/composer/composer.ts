import type { Disposable } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { Trigger } from '../../chat/mentions.ts';
import type { HostMessage } from '../../chat/messages.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { EngineHolder } from '../engine/engine.ts';
import type { Library } from '../runs/runbook-library.ts';
import { fileSource, symbolSearch } from './code-mentions.ts';
import { createMentionCatalog } from './mention-catalog.ts';
import { runbookSource } from './runbook-mentions.ts';
import { peopleSearches, readTables, systemSources, type CallTool } from './system-mentions.ts';

export interface ComposerParts {
  readonly holder: EngineHolder;
  readonly code: Workspace;
  readonly library: () => Promise<Library>;
  readonly send: (message: HostMessage) => void;
  readonly report: (error: unknown) => void;
}

/** The host's half of the composer: it knows the systems, and a prompt takes facts of what it mentions along. */
export interface Composer extends Disposable {
  readonly complete: (trigger: Trigger, query: string) => void;
  readonly attachments: (mentions: readonly string[]) => Promise<readonly Attachment[]>;
  readonly hasRunbook: (name: string) => Promise<boolean>;
}

/** The person reads, so nothing of it belongs to a session. */
const run = { session: 'composer', run: 'composer', actor: 'person' };

export function createComposer({ holder, code, library, send, report }: ComposerParts): Composer {
  const call: CallTool = async (name, input, signal) => {
    const { engine } = await holder.get();
    return engine.hub.call(name, input, { signal, run });
  };
  let asked: { readonly trigger: Trigger; readonly query: string } | undefined;
  const answer = (): void => {
    if (asked === undefined) return;
    send({ type: 'completions', ...asked, ...catalog.complete(asked.trigger, asked.query) });
  };
  const catalog = createMentionCatalog({
    sources: [...systemSources(call, (signal) => readTables(call, signal)), fileSource(code), runbookSource(library)],
    searches: [symbolSearch(code), ...peopleSearches(call)],
    onChanged: answer,
    report,
    now: () => performance.now(),
  });
  const changes = holder.onChanged(() => catalog.reset());
  return {
    complete: (trigger, query) => {
      asked = { trigger, query };
      answer();
    },
    attachments: async (mentions) => {
      asked = undefined;
      const facts = await catalog.resolve(mentions);
      return facts.map((fact) => ({ ...fact, from: 'others' as const }));
    },
    hasRunbook: async (name) => (await library()).entries.some(({ runbook }) => runbook.name === name),
    dispose: () => {
      changes.dispose();
      catalog.dispose();
    },
  };
}
