/** A system that one of our servers connects to. This row is all that host and servers know about it. */
interface SystemRow {
  readonly title: string;
  /** A codicon. */
  readonly icon: string;
  /** The host's variable with the address of a server that runs elsewhere; more begin with it. */
  readonly remote: string;
  /** Environment variables that only its server gets; each also as `X_FILE`. */
  readonly variables: RegExp;
  /** A read tool that contacts the system, for connection tests. */
  readonly probe: string;
  /** Variable that lists the allowed places: projects, channels. */
  readonly places?: string;
}

/** libpq's variables, listed by name: other programs also use the prefix PG. */
const libpq =
  'PG(?:HOST|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE|SYSCONFDIR|OPTIONS|CONNECT_TIMEOUT|REQUIREAUTH|' +
  'CHANNELBINDING|GSSENCMODE|TARGETSESSIONATTRS|LOADBALANCEHOSTS|' +
  'SSL(?:MODE|ROOTCERT|CERT|KEY|CRL|NEGOTIATION|MINPROTOCOLVERSION|MAXPROTOCOLVERSION))';

/** In display order. */
const rows = {
  postgres: {
    title: 'PostgreSQL',
    icon: 'database',
    remote: 'SWITCHBOARD_REMOTE_POSTGRES',
    variables: new RegExp(`^(?:DB_\\w+|DATABASE_URL|DATABASES|${libpq})(?:_FILE)?$`),
    probe: 'get_database_health',
  },
  jira: {
    title: 'Jira',
    icon: 'issues',
    remote: 'SWITCHBOARD_REMOTE_JIRA',
    variables: /^JIRA_/,
    probe: 'list_jira_projects',
    places: 'JIRA_ALLOWED_PROJECTS',
  },
  slack: {
    title: 'Slack',
    icon: 'comment-discussion',
    remote: 'SWITCHBOARD_REMOTE_SLACK',
    variables: /^SLACK_/,
    probe: 'list_slack_channels',
    places: 'SLACK_ALLOWED_CHANNELS',
  },
} as const satisfies Readonly<Record<string, SystemRow>>;

export type SystemId = keyof typeof rows;
export type System = SystemRow & { readonly id: SystemId };

export const systems: readonly System[] = Object.keys(rows).filter(isSystem).map(systemOf);

export function systemOf(id: SystemId): System {
  return { id, ...rows[id] };
}

function isSystem(id: string): id is SystemId {
  return Object.hasOwn(rows, id);
}

/** The host's variables for a server that runs elsewhere. No server gets them. */
export function remoteVariables(id: SystemId) {
  const url = rows[id].remote;
  return {
    url,
    token: `${url}_TOKEN`,
    clientId: `${url}_CLIENT_ID`,
    clientSecret: `${url}_CLIENT_SECRET`,
    issuer: `${url}_ISSUER`,
    scopes: `${url}_SCOPES`,
  } as const;
}

/** Whether a variable configures one of our systems. Its value may be a secret. */
export function isSystemVariable(name: string): boolean {
  return systems.some(({ variables }) => variables.test(name));
}
