import { createHash } from 'node:crypto';
import { env, ProgressLocation, type SecretStorage, Uri, window, l10n } from 'vscode';
import type { CredentialStore } from '../../mcp/auth/credential-store.ts';
import { hostOf } from '../../mcp/remote/remote-faults.ts';
import { Problem } from '../problem.ts';
import type { EngineHolder } from '../engine/engine.ts';
import { askInSteps } from './input-steps.ts';
import { known } from '../texts.ts';

/** Stores sign-ins and input values of additional servers in SecretStorage. */
export interface FurtherSecrets {
  readonly credentials: CredentialStore;
  readonly answer: (file: string, input: string) => Promise<string | undefined>;
  readonly storeAnswer: (file: string, input: string, value: string) => Promise<void>;
}

export function createFurtherSecrets(storage: SecretStorage): FurtherSecrets {
  const keyOf = (file: string, input: string): string =>
    `mcp-input:${createHash('sha256').update(file).digest('hex').slice(0, 16)}:${input}`;
  return {
    credentials: {
      read: async (key) => storage.get(key),
      write: async (key, value) => (value === undefined ? storage.delete(key) : storage.store(key, value)),
    },
    answer: async (file, input) => storage.get(keyOf(file, input)),
    storeAnswer: async (file, input, value) => {
      if (value === '') await storage.delete(keyOf(file, input));
      else await storage.store(keyOf(file, input), value);
    },
  };
}

interface Parts {
  readonly holder: EngineHolder;
  readonly further: FurtherSecrets;
}

/** Commands for the servers in the user's configuration file, and for our own that run elsewhere. */
export function createFurtherServerCommands({ holder, further }: Parts) {
  return {
    enterServerValues: async (): Promise<void> => {
      const { mcpConfig, engine } = await holder.get();
      const { inputs } = engine.further;
      if (mcpConfig === undefined || inputs.length === 0) {
        void window.showInformationMessage(
          l10n.t('Switchboard: no MCP server in switchboard.mcpConfig asks for a value.'),
        );
        return;
      }
      const questions = inputs.map(({ id, description, password, options }) => ({
        key: id,
        prompt: description === '' ? id : description,
        password,
        value: '',
        ...(options.length > 0 && { choices: options.map((label) => ({ label, description: '' })) }),
      }));
      const answers = await askInSteps(l10n.t('Values for MCP Servers'), questions);
      if (answers === undefined) return;
      for (const { id } of inputs) await further.storeAnswer(mcpConfig.file, id, answers[id] ?? '');
      await holder.refresh();
    },
    signInToServer: async (argument: unknown): Promise<void> => {
      const { engine } = await holder.get();
      const items = engine.remotes.map((spec) => ({ label: spec.title, description: hostOf(spec), spec }));
      const named = items.find(({ spec }) => spec.id === idOf(argument));
      const chosen = named ?? (await window.showQuickPick(items, { title: l10n.t('Sign In to MCP Server') }));
      if (chosen === undefined) return;
      const options = {
        location: ProgressLocation.Notification,
        title: l10n.t('Signing in to {0}', chosen.label),
        cancellable: true,
      };
      const signedIn = await window.withProgress(options, (_progress, cancelled) => {
        const cancel = new AbortController();
        cancelled.onCancellationRequested(() => cancel.abort());
        return engine.signIn(
          chosen.spec,
          async (url) => void (await env.openExternal(Uri.parse(url.href, true))),
          cancel.signal,
        );
      });
      if (signedIn.kind === 'failed') {
        throw new Problem(l10n.t('Could not sign in to {0}: {1}', chosen.label, known(signedIn.reason)), {
          label: l10n.t('Sign In Again'),
          command: 'switchboard.signInToServer',
          argument: chosen.spec.id,
        });
      }
      await engine.hub.restart(chosen.spec.id);
    },
  };
}

function idOf(argument: unknown): string | undefined {
  if (typeof argument === 'string') return argument;
  const isNode = typeof argument === 'object' && argument !== null && 'id' in argument;
  return isNode && typeof argument.id === 'string' ? argument.id : undefined;
}
