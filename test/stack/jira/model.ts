import { isObject } from './adf-schema.ts';

/** What the stand-in keeps. Field values are as the REST API of version 3 shows them. */
export interface Issue {
  readonly id: string;
  key: string;
  projectKey: string;
  fields: Record<string, unknown>;
  readonly comments: Comment[];
  readonly attachments: Attachment[];
  readonly links: Link[];
  readonly properties: Record<string, unknown>;
  readonly watchers: User[];
}

export interface Comment {
  readonly id: string;
  readonly author: User;
  readonly body: unknown;
  readonly created: string;
  readonly properties: readonly { key: string; value: unknown }[];
}

export interface Attachment {
  readonly id: string;
  readonly filename: string;
  readonly mimeType: string;
  /** Of the service that keeps files: what a document refers to. */
  readonly mediaId: string;
  readonly content: Buffer;
  readonly author: User;
  readonly created: string;
}

export interface Link {
  readonly id: string;
  readonly type: LinkType;
  readonly inward: string;
  readonly outward: string;
}

export interface LinkType {
  readonly id: string;
  readonly name: string;
  readonly inward: string;
  readonly outward: string;
}

export interface User {
  readonly accountId: string;
  /** Login name; only Data Center shows it. */
  readonly name: string;
  readonly displayName: string;
  readonly emailAddress: string;
  readonly active: boolean;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** One row of a create or edit screen. */
export interface FieldRule {
  readonly fieldId: string;
  readonly name: string;
  readonly required: boolean;
  readonly hasDefaultValue?: boolean;
  readonly schema: {
    readonly type: string;
    readonly system?: string;
    readonly items?: string;
    readonly custom?: string;
  };
  readonly allowedValues?: readonly Record<string, unknown>[];
}

export interface Status extends Named {
  readonly category: 'new' | 'indeterminate' | 'done';
}

export interface Transition extends Named {
  /** Names of the statuses that it starts from; `*`: any. */
  readonly from: readonly string[];
  readonly to: string;
  /** The one project that has it; left out: all. */
  readonly only?: string;
  readonly fields?: readonly FieldRule[];
}

export interface Project extends Named {
  readonly key: string;
  readonly issueTypes: readonly (Named & { readonly subtask: boolean })[];
  /** Fields of the create screen by issue type name; `*` is every type. */
  readonly screen: Readonly<Record<string, readonly FieldRule[]>>;
  /** False: the account may neither see nor use it, and the API answers as if it were not there. */
  readonly visible: boolean;
  /** A service project: customers see it. */
  readonly isService?: boolean;
}

/** An answer in the making. A string body is sent as it is. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request refused the way Jira refuses: field errors by field id, the rest in a list. */
export class Refusal extends Error {
  readonly status: number;
  readonly messages: readonly string[];
  readonly errors: Readonly<Record<string, string>>;

  constructor(status: number, messages: readonly string[], errors: Readonly<Record<string, string>> = {}) {
    super(messages[0] ?? Object.values(errors)[0] ?? String(status));
    this.status = status;
    this.messages = messages;
    this.errors = errors;
  }
}

export function fieldsOf(body: unknown): Record<string, unknown> {
  return isObject(body) && isObject(body['fields']) ? body['fields'] : {};
}
