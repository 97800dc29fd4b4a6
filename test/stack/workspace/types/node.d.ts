// What we use of Node and of pg, so that a fresh clone type-checks before anything is installed.

declare const process: { readonly env: Record<string, string | undefined> };

declare class Buffer extends Uint8Array<ArrayBuffer> {
  static concat(parts: readonly Buffer[]): Buffer;
  override toString(): string;
}

declare module 'node:http' {
  interface Request extends AsyncIterable<Buffer> {
    readonly method: string | undefined;
    readonly url: string | undefined;
  }
  interface Response {
    writeHead(status: number, headers?: Readonly<Record<string, string>>): Response;
    end(body?: string): void;
  }
  interface Server {
    listen(port: number): void;
    address(): { readonly port: number } | string | null;
    closeAllConnections(): void;
    close(): void;
  }
  export function createServer(onRequest: (request: Request, response: Response) => void): Server;
}

declare module 'node:events' {
  export function once(emitter: object, event: string): Promise<unknown[]>;
}

declare module 'node:test' {
  export function test(name: string, body: () => Promise<void>): void;
}

declare module 'node:assert/strict' {
  function assert(value: unknown): asserts value;
  namespace assert {
    function rejects(promise: Promise<unknown>, expected: object): Promise<void>;
  }
  export default assert;
}

declare module 'pg' {
  export class Pool {
    constructor(options: { readonly connectionString: string });
    query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
  }
}
