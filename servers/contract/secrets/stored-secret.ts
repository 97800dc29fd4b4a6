import type { Variables } from '../network/proxy-choice.ts';
import { StoredSecretError, type SecretStore } from './store.ts';

/** How long a value is used on while its store does not answer. */
const staleMs = 3_600_000;

/** Callers may have references of their own; the values of those who were away longest are let go. */
const maxKnown = 1000;

/** By kind and address. */
const stores = new Map<string, Promise<SecretStore>>();
const asked = new Map<string, Promise<string>>();
const known = new Map<string, { readonly value: string; readonly time: number }>();

/** Whether a value is `vault:mount/path#key` or `aws-sm:name#key`. */
export function isStored(value: string): boolean {
  return /^(?:vault|aws-sm):/u.test(value);
}

/**
 * The secret that a reference names, always as the store has it now: callers ask again when a secret was rejected. It
 * stays in memory. While the store does not answer, the last value counts.
 * @throws StoredSecretError
 */
export async function readStored(variables: Variables, reference: string): Promise<string> {
  const running = asked.get(reference) ?? fetchStored(variables, reference);
  asked.set(reference, running);
  try {
    const value = await running;
    known.delete(reference);
    known.set(reference, { value, time: performance.now() });
    const [oldest] = known.keys();
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest);
    return value;
  } catch (error) {
    const last = known.get(reference);
    const isStillGood = last !== undefined && performance.now() - last.time < staleMs;
    if (error instanceof StoredSecretError && error.isAway && isStillGood) return last.value;
    throw error;
  } finally {
    asked.delete(reference);
  }
}

async function fetchStored(variables: Variables, reference: string): Promise<string> {
  const { kind, path, key } = /^(?<kind>vault|aws-sm):(?<path>[^#]+)(?:#(?<key>.+))?$/su.exec(reference)?.groups ?? {};
  if (kind === undefined || path === undefined)
    throw new StoredSecretError('must be a reference such as vault:mount/path#key or aws-sm:name#key');
  const place = `${kind} ${variables['VAULT_ADDR'] ?? ''}`;
  const store = stores.get(place) ?? openStore(kind, variables);
  stores.set(place, store);
  return (await store)({ path, key });
}

/** Each is a bundle of its own: whoever keeps secrets elsewhere never reads it. */
async function openStore(kind: string, variables: Variables): Promise<SecretStore> {
  if (kind === 'vault') return (await import('./vault.ts')).openVault(variables);
  return (await import('./aws-secrets.ts')).openAwsSecrets();
}
