import type { Disposable } from 'vscode';
import { l10n } from 'vscode';
import type { Attachment } from '../../agent/run/system-prompt.ts';
import type { Trigger } from '../../chat/mentions.ts';
import type { HostMessage } from '../../chat/messages.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { EngineHolder, LiveEngine } from '../engine/engine.ts';
import type { Library } from '../runs/runbook-library.ts';
import { firstQuestions } from './first-questions.ts';
import { recentFailures } from './recent-failures.ts';
import { addWorkspaceFiles, fileSource, symbolSearch } from './code-mentions.ts';
import { createPromptFiles, type PromptFiles } from './prompt-files.ts';
import { createMentionCatalog } from './mention-catalog.ts';
import { runbookSource } from './runbook-mentions.ts';
import { peopleSearches, readTables, systemSources, type CallTool, type KnownTable } from './system-mentions.ts';

export interface ComposerParts {
  readonly holder: EngineHolder;
  readonly code: Workspace;
  readonly library: () => Promise<Library>;
  readonly send: (message: HostMessage) => void;
  readonly report: (error: unknown) => void;
}

/** The host's half of the composer: it knows the systems, and a prompt takes facts of what it mentions along. */
export interface Composer extends Disposable {
  readonly files: PromptFiles;
  /** Files of the workspace, by their addresses. Returns why one cannot be added. */
  readonly addFiles: (uris: readonly string[]) => Promise<string | undefined>;
  readonly addTerminal: (selected: { readonly name: string; readonly text: string }) => string | undefined;
  /** Sends questions about the connected database, when there is one and it has answered. */
  readonly suggest: () => void;
  /** Puts a question about an error code into the composer, with its failures of the last day. */
  readonly askAbout: (code: string, place: string) => Promise<void>;
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
  const tables = remembered((signal) => readTables(call, signal));
  const catalog = createMentionCatalog({
    sources: [...systemSources(call, tables.get), fileSource(code), runbookSource(library)],
    searches: [symbolSearch(code), ...peopleSearches(call)],
    onChanged: answer,
    report,
    now: () => performance.now(),
  });
  let engine: LiveEngine['engine'] | undefined;
  void holder.get().then((live) => (engine = live.engine), report);
  const files = createPromptFiles({
    onChanged: (chips) => send({ type: 'attached', chips }),
    // Before there is an engine there is no panel to paste into.
    redact: (text) => engine?.inspect.redact(text) ?? text,
    readImage: (data) => engine?.inspect.readImage(data),
  });
  const questions = createQuestions(call, tables, send);
  const changes = holder.onChanged((live) => {
    engine = live.engine;
    catalog.reset();
    tables.forget();
    questions.forget();
  });
  return {
    files,
    addFiles: (uris) => addWorkspaceFiles(code, files, uris),
    addTerminal: ({ name, text }) => files.add({ name, kind: 'terminal', data: text }),
    suggest: () => void questions.send().catch(report),
    askAbout: async (code, place) => {
      const signal = AbortSignal.timeout(questionsLimitMs);
      const failures = await recentFailures(code, await tables.get(signal), call, signal);
      send({ type: 'insert-prompt', text: l10n.t('Why does {0} raise {1}? ({2})', place, code, failures) });
    },
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

/** One reading of the tables for suggestions and questions. */
function remembered<Value>(read: (signal: AbortSignal) => Promise<Value>) {
  let held: { readonly value: Promise<Value>; readonly until: number } | undefined;
  return {
    get: (signal: AbortSignal): Promise<Value> => {
      if (held === undefined || performance.now() > held.until) {
        const value = read(signal);
        held = { value, until: performance.now() + freshMs };
        value.catch(() => (held = undefined));
      }
      return held.value;
    },
    forget: () => (held = undefined),
  };
}

const freshMs = 60_000;
const questionsLimitMs = 20_000;

function createQuestions(
  call: CallTool,
  tables: { readonly get: (signal: AbortSignal) => Promise<readonly KnownTable[]> },
  send: ComposerParts['send'],
) {
  let asked: Promise<readonly string[]> | undefined;
  return {
    send: async (): Promise<void> => {
      const signal = AbortSignal.timeout(questionsLimitMs);
      asked ??= tables.get(signal).then((known) => firstQuestions(known, call, signal));
      asked.catch(() => (asked = undefined));
      send({ type: 'questions', questions: await asked });
    },
    forget: () => (asked = undefined),
  };
}
