/** A secret that may be rotated while it is in use. */
export interface Renewable<Value> {
  readonly current: () => Value;
  /**
   * After it was rejected: reads it again where it is kept.
   * @returns whether it is another one now, so that one more attempt makes sense. Never throws.
   */
  readonly renew: (rejected: Value) => Promise<boolean>;
}

/** A wrong secret must not become a flood of questions to the store. */
const pauseMs = 5_000;

export function createRenewable<Value>(first: Value, read: () => Promise<Value>): Renewable<Value> {
  let value = first;
  let reading: Promise<void> | undefined;
  let lastRead = -Infinity;
  const readAgain = async (): Promise<void> => {
    lastRead = performance.now();
    value = await read();
  };
  return {
    current: () => value,
    renew: async (rejected) => {
      if (value !== rejected) return true; // another call was faster
      if (reading === undefined && performance.now() - lastRead < pauseMs) return false;
      reading ??= readAgain().finally(() => {
        reading = undefined;
      });
      await reading.catch(() => undefined);
      return value !== rejected;
    },
  };
}

/** The same, read when it is first needed. What could not be read is tried again by the next that needs it. */
export function createLateRenewable<Value>(read: () => Promise<Value>): () => Promise<Renewable<Value>> {
  let opened: Promise<Renewable<Value>> | undefined;
  const open = async (): Promise<Renewable<Value>> => createRenewable(await read(), read);
  return () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
}
