import type { Disposable, SecretStorage } from 'vscode';
import { secretNames, type SecretName } from '../../settings.ts';

export type Secrets = Readonly<Partial<Record<SecretName, string>>>;

export interface SecretBox {
  /** Reads from storage on every call, because another window may have changed the secrets. */
  readonly read: (fromEnvironment: boolean) => Promise<Secrets>;
  /** An empty value deletes the secret. */
  readonly store: (name: SecretName, value: string) => Promise<void>;
  readonly onChanged: (listener: () => void) => Disposable;
}

const names = Object.keys(secretNames).filter((name) => isSecretName(name));

/**
 * Keeps secrets in VS Code's SecretStorage and nowhere else.
 * @param environment fallback for secrets that are not stored, if the user's settings allow it.
 */
export function createSecretBox(storage: SecretStorage, environment: NodeJS.ProcessEnv): SecretBox {
  return {
    read: async (fromEnvironment) => {
      const entries = await Promise.all(
        names.map(async (name) => {
          const value = (await storage.get(name)) ?? (fromEnvironment ? environment[name] : undefined);
          return value === undefined || value === '' ? [] : [[name, value] as const];
        }),
      );
      return Object.fromEntries(entries.flat());
    },
    store: async (name, value) => {
      if (value === '') await storage.delete(name);
      else await storage.store(name, value);
    },
    onChanged: (listener) => storage.onDidChange(({ key }) => (isSecretName(key) ? listener() : undefined)),
  };
}

function isSecretName(name: string): name is SecretName {
  return Object.hasOwn(secretNames, name);
}
