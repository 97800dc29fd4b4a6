export interface Emitter<Value> {
  readonly event: (listener: (value: Value) => void) => { readonly dispose: () => void };
  readonly fire: (value: Value) => void;
}

/** As VS Code's own, which exists only inside of VS Code. Listeners must not throw. */
export function createEmitter<Value>(): Emitter<Value> {
  const listeners = new Set<{ readonly call: (value: Value) => void }>();
  return {
    event: (call) => {
      const listener = { call };
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    fire: (value) => {
      for (const { call } of listeners) call(value);
    },
  };
}
