/** An unbounded, ordered queue between one producer and one iterator. */
export interface Channel<Item> {
  readonly push: (item: Item) => void;
  readonly end: () => void;
  readonly items: AsyncIterable<Item>;
}

export function createChannel<Item>(): Channel<Item> {
  const queue: Item[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const signal = (): void => {
    wake?.();
    wake = undefined;
  };
  async function* iterate(): AsyncGenerator<Item> {
    for (;;) {
      const batch = queue.splice(0);
      yield* batch;
      if (queue.length > 0) continue;
      if (ended) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    push: (item) => {
      queue.push(item);
      signal();
    },
    end: () => {
      ended = true;
      signal();
    },
    items: iterate(),
  };
}
