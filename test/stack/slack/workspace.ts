/** The stand-in's state, in memory: people, channels, messages. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly email: string;
  readonly isBot: boolean;
  readonly deleted?: boolean;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  /** Shared with another company, whose people can read it. */
  readonly isExternal: boolean;
  readonly botIsMember: boolean;
  readonly memberCount: number;
  /** Whom a direct message is with. */
  readonly person?: string;
  readonly topic: string;
  readonly messages: Message[];
  /** The ts of each pinned message. */
  readonly pins: Set<string>;
}

export interface Message {
  readonly ts: string;
  readonly user: string;
  readonly botId?: string;
  readonly subtype?: string;
  text: string;
  blocks: readonly unknown[];
  threadTs?: string | undefined;
  readonly metadata?: unknown;
  readonly files: readonly StoredFile[];
  readonly reactions: Map<string, Set<string>>;
  editedTs?: string;
  /** Posted through the API, not part of the initial workspace. */
  readonly posted: boolean;
  /** Who would have been notified: "@here", "@everyone", "@channel", user and group ids. */
  readonly notified: readonly string[];
  /** URLs that Slack would have fetched to unfurl. */
  readonly unfurled: readonly string[];
  /** Other fields that Slack returns: attachments, profiles. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly content: Buffer;
  /** Default: "text/plain". */
  readonly mimetype?: string;
  readonly filetype?: string;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

export const userGroups: readonly UserGroup[] = [
  { id: 'S0ONCALL1', handle: 'oncall', name: 'On-call', users: ['U0JANE001', 'U0OMAR001'] },
  { id: 'S0PAYMENT', handle: 'payments', name: 'Payments team', users: ['U0LIN0001'] },
];

export const botUser: Person = {
  id: 'U0BOT0001',
  name: 'switchboard',
  realName: 'Switchboard',
  email: 'switchboard@example.com',
  isBot: true,
};

const people: readonly Person[] = [
  botUser,
  { id: 'U0JANE001', name: 'jane', realName: 'Jane Doe', email: 'jane@example.com', isBot: false },
  { id: 'U0OMAR001', name: 'omar', realName: 'Omar Haddad', email: 'omar@example.com', isBot: false },
  { id: 'U0LIN0001', name: 'lin', realName: 'Lin Wei', email: 'lin@example.com', isBot: false },
  { id: 'U0LIN0002', name: 'lin.k', realName: 'Lin Kruger', email: 'lin.k@example.com', isBot: false },
  { id: 'U0GONE001', name: 'gone', realName: 'Gone Person', email: 'gone@example.com', isBot: false, deleted: true },
  { id: 'U0DEPLOY1', name: 'deploybot', realName: 'Deploy Bot', email: 'deploy@example.com', isBot: true },
];

export class Workspace {
  readonly team = { id: 'T0SHOP001', name: 'Shop' };
  readonly people: readonly Person[] = people;
  readonly channels: Channel[];
  readonly uploads = new Map<string, { name: string; length: number; content?: Buffer }>();
  #lastTs = 0;
  #counter = 0;

  constructor(extraChannels: number) {
    const minutesAgo = (minutes: number): string => this.#format(Date.now() * 1000 - minutes * 60_000_000);
    const channel = (id: string, name: string, more: Partial<Channel> = {}): Channel => ({
      id,
      name,
      isPrivate: false,
      isArchived: false,
      isExternal: false,
      botIsMember: true,
      memberCount: 12,
      topic: '',
      messages: [],
      pins: new Set(),
      ...more,
    });
    this.channels = [
      channel('C0GENERAL', 'general', { memberCount: 214, topic: 'Company-wide announcements' }),
      channel('C0OPERATE', 'operations', { memberCount: 41, topic: 'Incidents, deploys, on-call' }),
      channel('C0PAYMENT', 'payments-oncall', { isPrivate: true, memberCount: 6, topic: 'Payments on-call' }),
      channel('C0SECRET1', 'board', { isPrivate: true, memberCount: 3, botIsMember: false }),
      channel('C0RANDOM1', 'random', { botIsMember: false, memberCount: 190 }),
      channel('C0OLDNEWS', 'old-news', { isArchived: true }),
      channel('C0PARTNER', 'partner-acme', { isExternal: true, memberCount: 23 }),
    ];
    for (let number = 1; number <= extraChannels; number += 1)
      this.channels.push(channel(`C1${String(number).padStart(7, '0')}`, `team-${number}`, { botIsMember: false }));
    const operations = this.channels[1]!;
    const general = this.channels[0]!;
    const seed = (to: Channel, user: string, minutes: number, text: string, more: Partial<Message> = {}): Message => {
      const message: Message = {
        ts: minutesAgo(minutes),
        user,
        text,
        blocks: [],
        files: [],
        reactions: new Map(),
        posted: false,
        notified: [],
        unfurled: [],
        ...more,
      };
      to.messages.push(message);
      return message;
    };
    seed(general, 'U0JANE001', 2900, 'Welcome to the shop workspace.');
    seed(operations, 'U0DEPLOY1', 301, 'Deployed `shop-api` 4f1c2a to production', { botId: 'B0DEPLOY1' });
    seed(operations, 'U0DEPLOY1', 300, 'Deployed `shop-worker` 4f1c2a to production', { botId: 'B0DEPLOY1' });
    seed(operations, 'U0LIN0001', 290, '<@U0LIN0001> has joined the channel', { subtype: 'channel_join' });
    const question = seed(operations, 'U0OMAR001', 45, 'Anyone else seeing checkout errors? <@U0JANE001>');
    question.threadTs = question.ts;
    question.reactions.set('eyes', new Set(['U0JANE001', 'U0LIN0001']));
    seed(operations, 'U0JANE001', 41, 'Yes, a few customers wrote in. See <https://status.example.com/17|status 17>', {
      threadTs: question.ts,
    });
  }

  /** Unique and increasing, like Slack's: microseconds since the epoch. */
  nextTs(): string {
    this.#lastTs = Math.max(Date.now() * 1000, this.#lastTs + 1);
    return this.#format(this.#lastTs);
  }

  nextId(prefix: string): string {
    this.#counter += 1;
    return `${prefix}${String(this.#counter).padStart(8, '0')}`;
  }

  channel(nameOrId: string): Channel | undefined {
    const name = nameOrId.replace(/^#/, '');
    return this.channels.find((channel) => channel.id === nameOrId || channel.name === name);
  }

  /** A file and where it was shared. */
  file(id: string): { file: StoredFile; channel: Channel } | undefined {
    for (const channel of this.channels)
      for (const { files } of channel.messages) {
        const file = files.find((one) => one.id === id);
        if (file !== undefined) return { file, channel };
      }
    return undefined;
  }

  person(id: string): Person | undefined {
    return this.people.find((person) => person.id === id);
  }

  /** A message to a user id opens a direct message to that user: the trap of `channel: "U..."`. */
  openDirect(person: Person): Channel {
    const id = `D${person.id.slice(1)}`;
    const open = this.channels.find((channel) => channel.id === id);
    if (open !== undefined) return open;
    const direct: Channel = {
      id,
      name: `direct-${person.name}`,
      person: person.id,
      isPrivate: true,
      isArchived: false,
      isExternal: false,
      botIsMember: true,
      memberCount: 2,
      topic: '',
      messages: [],
      pins: new Set(),
    };
    this.channels.push(direct);
    return direct;
  }

  #format(microseconds: number): string {
    const whole = String(Math.round(microseconds)).padStart(16, '0');
    return `${whole.slice(0, -6)}.${whole.slice(-6)}`;
  }
}
