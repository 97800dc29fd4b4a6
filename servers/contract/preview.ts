import * as z from 'zod';

/** What a write would do, in a form that any host can show. Returned as `structuredContent.preview`. */
export const previewSchema = z.object({
  title: z.string(),
  destination: z.object({
    /** Upstream id of the destination (a project key, a channel id): approvals bind to it. */
    id: z.string(),
    name: z.string(),
    /** Who will see it: "214 members", "external people too". */
    audience: z.string().optional(),
  }),
  /** Under which name its readers see it, if not under that of the person who approves. */
  author: z.string().optional(),
  /** The outgoing text as Markdown, after every transformation except the final encoding. */
  body: z.string(),
  /** The messages that the body becomes, in order, if it is more than one. */
  parts: z.array(z.string()).optional(),
  /** What the result will hold, as far as that is known, with `NEW` for what only the system gives: `ENG-NEW`. */
  willGive: z.record(z.string(), z.string()).optional(),
  /** The bytes that would be sent upstream, as JSON text. */
  raw: z.string(),
  /** Everything that will be set besides the body; `argument` names the tool argument to edit. */
  fields: z.array(z.object({ label: z.string(), value: z.string(), argument: z.string().optional() })),
  warnings: z.array(z.string()),
  duplicates: z.array(z.object({ id: z.string(), title: z.string(), url: z.string().optional(), reason: z.string() })),
  linkHosts: z.array(z.string()),
  /** Mentions that notify people, as they will see them: "@here", "@jane". */
  mentions: z.array(z.string()),
  /** Personal data in the outgoing text, by kind and masked: "an email address (j…@example.com)". The kit fills it. */
  personalData: z.array(z.string()).optional(),
});

type DeepReadonly<Value> = Value extends object ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> } : Value;

export type Preview = DeepReadonly<z.infer<typeof previewSchema>>;

/** Outcome of a write: done now, done earlier under the same idempotency key, or only previewed. */
export const outcomeSchema = z.enum(['done', 'replayed', 'preview']);
