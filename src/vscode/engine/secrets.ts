import type { Disposable, SecretStorage } from 'vscode';
import { secretNames, type SecretName } from '../../settings.ts';

export type Secrets = Readonly<Partial<Record<SecretName, string>>>;

export interface SecretBox {
  /** Read anew each time: another window may have changed them. */
  readonly read: (fromEnvironment: boolean) => Promise<Secrets>;
  /** An empty value forgets the secret. */
  readonly store: (name: SecretName, value: string) => Promise<void>;
  readonly onChanged: (listener: () => void) => Disposable;
}

const names = Object.keys(secretNames).filter((name) => isSecretName(name));

/**
 * Secrets live in VS Code's SecretStorage and nowhere else.
 * @param environment where a secret that is not stored may come from, if the person's settings say so.
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
