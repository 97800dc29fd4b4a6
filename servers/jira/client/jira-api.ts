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
 * Jira as the tools see it, bound to one call: its requests end when the call does. All functions fail with ToolError;
 * a write whose answer was lost fails with `outcome_unknown`.
 */
export interface JiraApi {
  readonly text: RichText;
  /** How this Jira wants a person named in a field. */
  readonly userReference: (user: User) => Record<string, string>;
  readonly currentUser: () => Promise<User>;
  readonly getUser: (id: string) => Promise<User>;
  readonly findUsers: (query: string, limit: number) => Promise<User[]>;
  /** @param wanted an account id, an e-mail address or a name. @param where the project of an issue to be, or the issue that is. */
  readonly findAssignable: (wanted: string, where: { projectKey: string } | { issueKey: string }) => Promise<User[]>;
  /** Those that are wanted; `hasMore` when there are others besides. */
  readonly listProjects: (query: ProjectQuery) => Promise<{ projects: Project[]; hasMore: boolean }>;
  readonly issueTypes: (projectKey: string) => Promise<IssueType[]>;
  readonly createFields: (projectKey: string, issueTypeId: string) => Promise<Field[]>;
  readonly editFields: (issueKey: string) => Promise<Field[]>;
  readonly search: (query: SearchQuery) => Promise<SearchPage>;
  /** @param fields names to read; nothing else comes. */
  readonly getIssue: (issueKey: string, fields: readonly string[]) => Promise<Issue>;
  readonly createIssue: (fields: FieldValues, properties: readonly Property[]) => Promise<{ id: string; key: string }>;
  readonly editIssue: (issueKey: string, fields: FieldValues) => Promise<void>;
  /** Newest first. */
  readonly comments: (issueKey: string, limit: number) => Promise<{ comments: Comment[]; total: number }>;
  readonly addComment: (issueKey: string, body: RichValue, properties: readonly Property[]) => Promise<{ id: string }>;
  readonly transitions: (issueKey: string) => Promise<Transition[]>;
  readonly transition: (issueKey: string, change: TransitionChange) => Promise<void>;
  /** Who watches an issue; fails where the account may not see it. */
  readonly watchers: (issueKey: string) => Promise<User[]>;
  /** Watching twice is the same as once. */
  readonly addWatcher: (issueKey: string, userId: string) => Promise<void>;
  /** Of the boards of a project, closed ones left out. */
  readonly sprints: (projectKey: string) => Promise<Sprint[]>;
  readonly linkTypes: () => Promise<LinkType[]>;
  /** The type's outward description reads from the first to the second: "ENG-1 blocks ENG-2". */
  readonly link: (type: string, fromKey: string, toKey: string) => Promise<void>;
  readonly attach: (issueKey: string, file: File) => Promise<Attachment[]>;
  /** An attached picture as a text shows it; undefined where it cannot be. */
  readonly imageOf: (attachment: Attachment, alt: string) => Promise<Node | string | undefined>;
  readonly readAttachment: (attachment: Attachment) => Promise<Uint8Array>;
}

export interface TransitionChange {
  readonly id: string;
  readonly fields: FieldValues;
  readonly comment: RichValue | undefined;
  /** Of the comment. */
  readonly properties: readonly Property[];
}

export type FieldValues = Readonly<Record<string, unknown>>;

/** Rich text as this Jira keeps it: a document on Cloud, wiki markup on Data Center. */
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
  /** Names of issue properties to read along. */
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

/** Markdown on our side, what Jira keeps on the other. */
export interface RichText {
  /** @param earlier what Jira keeps now, where the text takes its place: what is unchanged of it stays as it is. */
  readonly fromMarkdown: (markdown: string, field: string, mentions?: Mentions, earlier?: unknown) => ConvertedText;
  readonly toMarkdown: (value: unknown) => string;
  /** Names of what a value holds besides text, which Markdown cannot keep or only in its place. */
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
  /** Of a text over Jira's limit: `value` is its head, and this a file to be attached. */
  readonly whole?: WholeText;
}
