/** What a third party's server wants to know from a person while it works on a call (MCP elicitation). */
export type ServerQuestion = FormQuestion | UrlQuestion;

export interface FormQuestion {
  readonly kind: 'form';
  /** Our title of the server. */
  readonly server: string;
  readonly message: string;
  readonly fields: readonly FormField[];
}

/** The answer goes to a web page, and never passes through Switchboard. */
export interface UrlQuestion {
  readonly kind: 'url';
  readonly server: string;
  readonly message: string;
  readonly url: string;
  readonly host: string;
}

export interface FormField {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly kind: 'text' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices';
  readonly format: 'email' | 'uri' | 'date' | 'date-time' | undefined;
  /** Of characters, of the number itself, or of how many are chosen. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  /** As a person would type it; empty for none. */
  readonly initial: string;
}

export type FieldValue = string | number | boolean | readonly string[];

export type ServerReply =
  | { readonly action: 'accept'; readonly content?: Readonly<Record<string, FieldValue>> }
  | { readonly action: 'decline' | 'cancel' };

/** Contract: rejects only when `signal` aborts. */
export type AskForServer = (question: ServerQuestion, signal: AbortSignal) => Promise<ServerReply>;

/** A server's request to the session's model (MCP sampling), as a conversation of its own. */
export interface SampleRequest {
  readonly system: string;
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly text: string }[];
  readonly maxTokens: number;
}

export type Sampled =
  | { readonly kind: 'text'; readonly text: string; readonly model: string; readonly cut: boolean }
  | { readonly kind: 'refused'; readonly reason: string };

/** Contract: never rejects. */
export type Sample = (request: SampleRequest) => Promise<Sampled>;

/** What a server may ask for while one call is in progress. */
export interface ForServer {
  /** undefined: nobody can be asked, and every question is declined. */
  readonly ask: AskForServer | undefined;
  /** undefined: the person has not allowed it. */
  readonly sample: Sample | undefined;
}
