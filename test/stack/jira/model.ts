import { isObject } from './adf-schema.ts';

/** The stand-in's data. Field values have the form of REST API version 3. */
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
  /** Id in the media service, which documents refer to. */
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
  /** Names of the statuses it starts from; `*` for any. */
  readonly from: readonly string[];
  readonly to: string;
  /** The only project that has it. Default: all. */
  readonly only?: string;
  readonly fields?: readonly FieldRule[];
}

export interface Project extends Named {
  readonly key: string;
  readonly issueTypes: readonly (Named & { readonly subtask: boolean })[];
  /** Fields of the create screen by issue type name; `*` is every type. */
  readonly screen: Readonly<Record<string, readonly FieldRule[]>>;
  /** False if the account cannot see or use it; the API answers as if it did not exist. */
  readonly visible: boolean;
  /** A service project, which customers see. */
  readonly isService?: boolean;
}

/** A response. A string body is sent unchanged. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request rejected as Jira does: field errors by field id, other errors in a list. */
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
