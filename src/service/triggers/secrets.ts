import { readVariable } from '../../../servers/kit/environment.ts';
import { ConfigurationError } from '../../../servers/kit/errors.ts';
import type { Variables } from '../../settings.ts';

/** The secrets of one sender, read where they are kept. */
export interface WebhookSecrets {
  readonly current: () => readonly string[];
  /** After a wrong signature: reads them again, at most each few seconds. @returns whether they are others now. */
  readonly renew: () => Promise<boolean>;
}

const minLength = 16;
const pauseMs = 5_000;

/**
 * @param where for messages: `triggers.payments.secret`.
 * @throws ConfigurationError
 */
export async function openSecrets(
  where: string,
  references: readonly string[],
  variables: Variables,
): Promise<WebhookSecrets> {
  const read = async (): Promise<readonly string[]> => {
    const values: string[] = [];
    for (const reference of references) {
      const value = (await readVariable({ ...variables, [where]: reference }, where)) ?? '';
      if (value.length < minLength)
        throw new ConfigurationError(`${where}: a secret has at least ${minLength} characters`);
      values.push(value);
    }
    return values;
  };
  let known = await read();
  let lastRead = performance.now();
  return {
    current: () => known,
    renew: async () => {
      if (performance.now() - lastRead < pauseMs) return false;
      lastRead = performance.now();
      const fresh = await read().catch(() => known);
      const isOther = fresh.join('\n') !== known.join('\n');
      known = fresh;
      return isOther;
    },
  };
}
