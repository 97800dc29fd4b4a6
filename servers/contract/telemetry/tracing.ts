/** Values of spans. Content (arguments, results, texts, SQL) is never among them unless a setting allows it. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface SpanOptions {
  readonly kind: 'internal' | 'client' | 'server';
  /** A span, or the `traceparent` of one elsewhere. Without one, the span that the code runs in, or else a new trace. */
  readonly parent?: Span | string | undefined;
  readonly attributes?: Attributes;
}

/** One step of a trace. Contract: nothing throws and nothing waits. */
export interface Span {
  /** For whoever works for it, as W3C Trace Context. */
  readonly traceparent: string;
  readonly set: (attributes: Attributes) => void;
  /** @param failure the kind of error: `timeout`. Texts of errors may contain content. */
  readonly end: (failure?: string) => void;
}

/** Where spans go: to a collector, or nowhere. */
export interface Tracing {
  /** Whether texts, arguments and results may be recorded. */
  readonly recordsContent: boolean;
  readonly start: (name: string, options: SpanOptions) => Span;
  /** Runs code in a span, so that spans started there are below it. */
  readonly within: <Result>(span: Span, run: () => Result) => Result;
  /** The span that the code runs in, for logs. */
  readonly current: () => { readonly trace_id: string; readonly span_id: string } | undefined;
  /** Sends what is left, for a short while. Never rejects. */
  readonly close: () => Promise<void>;
}

const noSpan: Span = { traceparent: '', set: () => undefined, end: () => undefined };

export const noTracing: Tracing = {
  recordsContent: false,
  start: () => noSpan,
  within: (_, run) => run(),
  current: () => undefined,
  close: () => Promise.resolve(),
};
