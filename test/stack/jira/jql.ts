import { isObject } from './adf-schema.ts';
import { adfText } from './adf-schema.ts';
import { Refusal, type Issue, type User } from './model.ts';
import { projects, statuses } from './seed.ts';

type Predicate = (issue: Issue) => boolean;

interface Token {
  readonly kind: 'word' | 'string' | 'operator' | 'punctuation';
  readonly text: string;
  readonly at: number;
}

export interface JqlContext {
  readonly account: User;
}

const reservedWords = new Set(['and', 'or', 'not', 'in', 'is', 'order', 'by', 'empty', 'null']);

/** Parses and runs the part of JQL that people and our server use. @throws Refusal 400 with Jira's wording */
export function runJql(jql: string, issues: readonly Issue[], context: JqlContext): Issue[] {
  const parser = new JqlParser(tokenise(jql), context);
  const { matches, restricted, order } = parser.parse();
  if (!restricted)
    throw new Refusal(400, [
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    ]);
  const found = issues.filter((issue) => projectOf(issue).visible && matches(issue));
  return sortIssues(found, order);
}

function projectOf(issue: Issue) {
  const project = projects.find(({ key }) => key === issue.projectKey);
  if (project === undefined) throw new Error(`no project ${issue.projectKey}`);
  return project;
}

function tokenise(jql: string): Token[] {
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|>=|<=|=|~|>|<)|([(),])|([^\s"'()=!~<>,]+))/y;
  const tokens: Token[] = [];
  while (pattern.lastIndex < jql.trimEnd().length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(jql);
    if (match === null) {
      throw new Refusal(400, [
        `Error in the JQL Query: The character '${jql.slice(at).trim().charAt(0)}' is a reserved JQL character. You must enclose it in a string or use the escape '\\u${jql.slice(at).trim().charCodeAt(0).toString(16).padStart(4, '0')}' instead. (line 1, character ${at + 1})`,
      ]);
    }
    const [, double, single, operator, punctuation, word] = match;
    const quoted = double ?? single;
    if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted.replace(/\\(.)/g, '$1'), at });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, at });
    else if (punctuation !== undefined) tokens.push({ kind: 'punctuation', text: punctuation, at });
    else tokens.push({ kind: 'word', text: word ?? '', at });
  }
  return tokens;
}

class JqlParser {
  readonly #tokens: readonly Token[];
  readonly #context: JqlContext;
  #position = 0;
  #restricted = false;

  constructor(tokens: readonly Token[], context: JqlContext) {
    this.#tokens = tokens;
    this.#context = context;
  }

  parse(): { matches: Predicate; restricted: boolean; order: { field: string; descending: boolean }[] } {
    const matches = this.#atEnd() || this.#isWord('order') ? () => true : this.#any();
    const order = this.#isWord('order') ? this.#order() : [{ field: 'created', descending: true }];
    const left = this.#tokens[this.#position];
    if (left !== undefined) this.#fail(`Expecting either 'OR' or 'AND' but got '${left.text}'.`, left);
    return { matches, restricted: this.#restricted, order };
  }

  #any(): Predicate {
    const parts = [this.#all()];
    while (this.#take('or')) parts.push(this.#all());
    return (issue) => parts.some((part) => part(issue));
  }

  #all(): Predicate {
    const parts = [this.#one()];
    while (this.#take('and')) parts.push(this.#one());
    return (issue) => parts.every((part) => part(issue));
  }

  #one(): Predicate {
    if (this.#take('not')) {
      const inner = this.#one();
      return (issue) => !inner(issue);
    }
    if (this.#takePunctuation('(')) {
      const inner = this.#any();
      if (!this.#takePunctuation(')')) this.#fail("Expecting ')' before the end of the query.", this.#current());
      return inner;
    }
    return this.#clause();
  }

  #clause(): Predicate {
    const field = this.#next('a field name');
    if (field.kind === 'word' && reservedWords.has(field.text.toLowerCase()))
      this.#fail(
        `'${field.text}' is a reserved JQL word. You must surround it in quotation marks to use it in a query.`,
        field,
      );
    const operator = this.#next("operator: one of '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'IS'");
    const word = operator.text.toLowerCase();
    this.#restricted = true;
    if (word === 'is') {
      const negated = this.#take('not');
      const value = this.#next('EMPTY');
      if (!['empty', 'null'].includes(value.text.toLowerCase()))
        this.#fail(`Expecting EMPTY but got '${value.text}'.`, value);
      const read = reader(field.text);
      return (issue) => (read(issue).length === 0) !== negated;
    }
    if (word === 'in' || word === 'not') {
      if (word === 'not' && !this.#take('in')) this.#fail("Expecting 'IN'.", this.#current());
      const values = this.#list();
      const parts = values.map((value) => this.#compare(field, '=', value));
      return (issue) => parts.some((part) => part(issue)) === (word === 'in');
    }
    if (operator.kind !== 'operator')
      this.#fail(
        `Expecting operator but got '${operator.text}'. The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'.`,
        operator,
      );
    return this.#compare(field, operator.text, this.#value());
  }

  #compare(field: Token, operator: string, wanted: string): Predicate {
    const name = field.text.toLowerCase();
    const read = reader(field.text);
    if (name === 'project' && !projects.some(({ key, name, visible }) => visible && [key, name].includes(wanted)))
      throw new Refusal(400, [`The value '${wanted}' does not exist for the field 'project'.`]);
    if (name === 'status' && !statuses.some((status) => status.name.toLowerCase() === wanted.toLowerCase()))
      throw new Refusal(400, [`The value '${wanted}' does not exist for the field 'status'.`]);
    const same = (value: string) => value.toLowerCase() === wanted.toLowerCase();
    switch (operator) {
      case '=':
        return (issue) => read(issue).some(same);
      case '!=':
        return (issue) => read(issue).length > 0 && !read(issue).some(same);
      case '~':
        return (issue) => containsWords(read(issue).join(' '), wanted);
      case '!~':
        return (issue) => !containsWords(read(issue).join(' '), wanted);
      default: {
        const limit = readTime(wanted);
        const holds = (time: number) =>
          operator === '>='
            ? time >= limit
            : operator === '<='
              ? time <= limit
              : operator === '>'
                ? time > limit
                : time < limit;
        return (issue) => read(issue).some((value) => holds(Date.parse(value)));
      }
    }
  }

  #list(): string[] {
    if (!this.#takePunctuation('(')) this.#fail("Expecting '('.", this.#current());
    const values = [this.#value()];
    while (this.#takePunctuation(',')) values.push(this.#value());
    if (!this.#takePunctuation(')')) this.#fail("Expecting ')' before the end of the query.", this.#current());
    return values;
  }

  #value(): string {
    const token = this.#next('a value');
    if (token.kind === 'operator' || token.kind === 'punctuation')
      this.#fail(
        `Expecting either a value, list or function but got '${token.text}'. You must surround '${token.text}' in quotation marks to use it as a value.`,
        token,
      );
    if (!this.#takePunctuation('(')) return token.text;
    if (!this.#takePunctuation(')')) this.#fail("Expecting ')'.", this.#current());
    switch (token.text.toLowerCase()) {
      case 'currentuser':
        return this.#context.account.accountId;
      case 'now':
        return new Date().toISOString();
      case 'startofday':
        return `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
      default:
        throw new Refusal(400, [`Unable to find JQL function '${token.text}()'.`]);
    }
  }

  #order(): { field: string; descending: boolean }[] {
    this.#position += 1;
    if (!this.#take('by')) this.#fail("Expecting 'BY' after 'ORDER'.", this.#current());
    const order: { field: string; descending: boolean }[] = [];
    do {
      const field = this.#next('a field name').text;
      reader(field);
      order.push({ field, descending: this.#take('desc') || (this.#take('asc') && false) });
    } while (this.#takePunctuation(','));
    return order;
  }

  #current(): Token | undefined {
    return this.#tokens[this.#position];
  }

  #atEnd(): boolean {
    return this.#current() === undefined;
  }

  #isWord(word: string): boolean {
    const token = this.#current();
    return token?.kind === 'word' && token.text.toLowerCase() === word;
  }

  #take(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#position += 1;
    return true;
  }

  #takePunctuation(text: string): boolean {
    const token = this.#current();
    if (token?.kind !== 'punctuation' || token.text !== text) return false;
    this.#position += 1;
    return true;
  }

  #next(expected: string): Token {
    const token = this.#current();
    if (token === undefined) this.#fail(`Expecting ${expected} before the end of the query.`, undefined);
    this.#position += 1;
    return token;
  }

  #fail(message: string, token: Token | undefined): never {
    const where = token === undefined ? '' : ` (line 1, character ${token.at + 1})`;
    throw new Refusal(400, [`Error in the JQL Query: ${message}${where}`]);
  }
}

/** Requires all words, each whole or, with `*`, as a prefix. A quoted phrase keeps its order. */
function containsWords(text: string, wanted: string): boolean {
  const words: string[] = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  const phrase = /^"(.*)"$/.exec(wanted)?.[1];
  if (phrase !== undefined)
    return words.join(' ').includes((phrase.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).join(' '));
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .every((word) =>
      word.endsWith('*') ? words.some((have) => have.startsWith(word.slice(0, -1))) : words.includes(word),
    );
}

function readTime(value: string): number {
  const relative = /^-?(\d+)([mhdw])$/.exec(value);
  if (relative === null) {
    const time = Date.parse(value.replace(' ', 'T').replace(/\//g, '-'));
    if (Number.isNaN(time))
      throw new Refusal(400, [
        `Date value '${value}' for field 'created' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
      ]);
    return time;
  }
  const unit = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[relative[2] ?? 'd'] ?? 0;
  return Date.now() - Number(relative[1]) * unit;
}

/** The values of one field of an issue as JQL compares them. */
function reader(field: string): (issue: Issue) => string[] {
  const name = field.toLowerCase();
  const named = (id: string) => (issue: Issue) => {
    const value = issue.fields[id];
    return isObject(value) ? [String(value['name'] ?? value['value'])] : typeof value === 'string' ? [value] : [];
  };
  switch (name) {
    case 'project':
      return (issue) => [issue.projectKey, projectOf(issue).name];
    case 'key':
    case 'issuekey':
    case 'id':
      return (issue) => [issue.key, issue.id];
    case 'summary':
      return named('summary');
    case 'description':
      return (issue) => [adfText(issue.fields['description'])];
    case 'text':
      return (issue) => [String(issue.fields['summary']), adfText(issue.fields['description'])];
    case 'labels':
      return (issue) => (Array.isArray(issue.fields['labels']) ? issue.fields['labels'].map(String) : []);
    case 'issuetype':
    case 'type':
      return named('issuetype');
    case 'priority':
    case 'status':
    case 'resolution':
      return named(name);
    case 'statuscategory':
      return (issue) => {
        const status = issue.fields['status'];
        return isObject(status) && isObject(status['statusCategory']) ? [String(status['statusCategory']['name'])] : [];
      };
    case 'assignee':
    case 'reporter':
    case 'creator':
      return (issue) => {
        const user = issue.fields[name];
        return isObject(user)
          ? [user['accountId'], user['displayName'], user['emailAddress'], user['name']].map(String)
          : [];
      };
    case 'created':
    case 'updated':
      return named(name);
    case 'component':
      return (issue) =>
        Array.isArray(issue.fields['components'])
          ? issue.fields['components'].filter(isObject).map((item) => String(item['name']))
          : [];
    default:
      throw new Refusal(400, [`Field '${field}' does not exist or you do not have permission to view it.`]);
  }
}

function sortIssues(issues: Issue[], order: readonly { field: string; descending: boolean }[]): Issue[] {
  return issues.sort((a, b) => {
    for (const { field, descending } of order) {
      const read = reader(field);
      const compared = (read(a)[0] ?? '').localeCompare(read(b)[0] ?? '', 'en', { numeric: true });
      if (compared !== 0) return descending ? -compared : compared;
    }
    return Number(b.id) - Number(a.id);
  });
}
