import type { AdfDocument, Effects, Mentions, Node } from '../adf/document.ts';
import type {
  Attachment,
  Comment,
  Field,
  Issue,
  IssueType,
  LinkType,
  Project,
  Sprint,
  Transition,
  User,
} from './response-schemas.ts';

/**
 * Jira as the tools see it, bound to one call: its requests end with the call. All functions fail with ToolError; a
 * write whose response was lost fails with `outcome_unknown`.
 */
export interface JiraApi {
  readonly text: RichText;
  /** How this Jira identifies a person in a field. */
  readonly userReference: (user: User) => Record<string, string>;
  readonly currentUser: () => Promise<User>;
  readonly getUser: (id: string) => Promise<User>;
  readonly findUsers: (query: string, limit: number) => Promise<User[]>;
  /** @param wanted an account id, an email address or a name. @param where the project of a new issue, or an existing issue. */
  readonly findAssignable: (wanted: string, where: { projectKey: string } | { issueKey: string }) => Promise<User[]>;
  /** The requested ones; `hasMore` when there are others. */
  readonly listProjects: (query: ProjectQuery) => Promise<{ projects: Project[]; hasMore: boolean }>;
  readonly issueTypes: (projectKey: string) => Promise<IssueType[]>;
  readonly createFields: (projectKey: string, issueTypeId: string) => Promise<Field[]>;
  readonly editFields: (issueKey: string) => Promise<Field[]>;
  readonly search: (query: SearchQuery) => Promise<SearchPage>;
  /** @param fields the only fields to read. */
  readonly getIssue: (issueKey: string, fields: readonly string[]) => Promise<Issue>;
  readonly createIssue: (fields: FieldValues, properties: readonly Property[]) => Promise<{ id: string; key: string }>;
  readonly editIssue: (issueKey: string, fields: FieldValues) => Promise<void>;
  /** Newest first. */
  readonly comments: (issueKey: string, limit: number) => Promise<{ comments: Comment[]; total: number }>;
  readonly addComment: (issueKey: string, body: RichValue, properties: readonly Property[]) => Promise<{ id: string }>;
  readonly comment: (issueKey: string, id: string) => Promise<Comment>;
  readonly deleteComment: (issueKey: string, id: string) => Promise<void>;
  readonly transitions: (issueKey: string) => Promise<Transition[]>;
  readonly transition: (issueKey: string, change: TransitionChange) => Promise<void>;
  /** Who watches an issue. Fails if the account may not see that. */
  readonly watchers: (issueKey: string) => Promise<User[]>;
  /** Idempotent. */
  readonly addWatcher: (issueKey: string, userId: string) => Promise<void>;
  /** Sprints of a project's boards, except closed ones. */
  readonly sprints: (projectKey: string) => Promise<Sprint[]>;
  readonly linkTypes: () => Promise<LinkType[]>;
  /** The type's outward description applies from the first to the second: "ENG-1 blocks ENG-2". */
  readonly link: (type: string, fromKey: string, toKey: string) => Promise<void>;
  readonly deleteLink: (id: string) => Promise<void>;
  readonly deleteAttachment: (id: string) => Promise<void>;
  /** Whether the account may delete this issue. */
  readonly mayDelete: (issueKey: string) => Promise<boolean>;
  readonly deleteIssue: (issueKey: string) => Promise<void>;
  readonly attach: (issueKey: string, file: File) => Promise<Attachment[]>;
  /** The node that shows an attached image; undefined if it cannot be shown. */
  readonly imageOf: (attachment: Attachment, alt: string) => Promise<Node | string | undefined>;
  readonly readAttachment: (attachment: Attachment) => Promise<Uint8Array>;
}

export interface TransitionChange {
  readonly id: string;
  readonly fields: FieldValues;
  readonly comment: RichValue | undefined;
  /** The id of the comment. */
  readonly properties: readonly Property[];
}

export type FieldValues = Readonly<Record<string, unknown>>;

/** Rich text as this Jira stores it: a document on Cloud, wiki markup on Data Center. */
export type RichValue = AdfDocument | string;

export interface Property {
  readonly key: string;
  readonly value: unknown;
}

export interface SearchQuery {
  readonly jql: string;
  readonly fields: readonly string[];
  readonly limit: number;
  readonly pageToken: string | undefined;
  /** Names of issue properties to read as well. */
  readonly properties?: readonly string[];
}

export interface ProjectQuery {
  /** Part of a key or name. */
  readonly search: string | undefined;
  readonly limit: number;
  readonly isWanted: (projectKey: string) => boolean;
}

export interface SearchPage {
  readonly issues: Issue[];
  readonly nextPageToken: string | undefined;
}

/** What belongs to a text besides its Markdown. */
export interface TextParts {
  readonly mentions?: Mentions;
  /** The current value that the text replaces. Its unchanged parts are kept as they are. */
  readonly earlier?: unknown;
  /** A last line, which stays even if the text is cut. */
  readonly signature?: string | undefined;
  /** Address of the record of the run, which the last line links to. */
  readonly record?: string | undefined;
}

/** Converts between Markdown and Jira's format. */
export interface RichText {
  readonly fromMarkdown: (markdown: string, field: string, more?: TextParts) => ConvertedText;
  readonly toMarkdown: (value: unknown) => string;
  /** Names of what a value contains besides text that Markdown cannot keep, or only in the same place. */
  readonly special: (value: unknown) => string[];
}

/** A text as a file. */
export interface WholeText {
  readonly name: string;
  readonly content: string;
}

export interface ConvertedText extends Effects {
  readonly value: RichValue;
  readonly warnings: readonly string[];
  /** Set for a text over Jira's limit: `value` is its beginning, and this file holds the full text. */
  readonly whole?: WholeText;
}
