/** A page that shows what was posted to a channel. All text is escaped, and there are no scripts. */
import type { StoredBlock, StoredInline, StoredRichText } from './blocks.ts';
import { style } from './page-style.ts';
import type { Channel, Message, Person, Workspace } from './workspace.ts';

const emoji: Readonly<Record<string, string>> = {
  rotating_light: '🚨',
  warning: '⚠️',
  white_check_mark: '✅',
  x: '❌',
  fire: '🔥',
  eyes: '👀',
  rocket: '🚀',
  bug: '🐛',
  tada: '🎉',
  '+1': '👍',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);

export function indexPage(workspace: Workspace): string {
  const items = workspace.channels.map((channel) => `<li>${channelLink(channel)} ${escape(channel.topic)}</li>`);
  return page(
    'Channels',
    `<header><h1>${escape(workspace.team.name)}</h1></header><main><ul>${items.join('')}</ul></main>`,
  );
}

export function channelPage(channel: Channel, workspace: Workspace): string {
  const top = channel.messages.filter((message) => message.threadTs === undefined || message.threadTs === message.ts);
  const draw = (message: Message): string => {
    const replies = channel.messages.filter((item) => item !== message && item.threadTs === message.ts);
    const thread = replies.map((reply) => messageHtml(reply, workspace)).join('');
    const count = replies.length === 1 ? '1 reply' : `${replies.length} replies`;
    return `${messageHtml(message, workspace)}${
      replies.length === 0
        ? ''
        : `<section class="thread" aria-label="${count}"><p class="count">${count}</p>${thread}</section>`
    }`;
  };
  const side = workspace.channels
    .filter((item) => item.botIsMember && !item.isArchived && !item.id.startsWith('D'))
    .map((item) => `<li${item === channel ? ' aria-current="page"' : ''}>${channelLink(item)}</li>`)
    .join('');
  const audience = `${channel.memberCount} members${channel.isExternal ? ' · shared with another company' : ''}`;
  return page(
    `#${channel.name}`,
    `<nav><strong>${escape(workspace.team.name)}</strong><ul>${side}</ul></nav>
     <div class="channel"><header><h1>${channel.isPrivate ? '🔒' : '#'} ${escape(channel.name)}</h1>
     <p>${escape(channel.topic)} · ${audience}</p></header>
     <main>${top.map(draw).join('') || '<p class="empty">Nothing here yet.</p>'}</main></div>`,
  );
}

function channelLink(channel: Channel): string {
  return `<a href="/channels/${encodeURIComponent(channel.name)}">${channel.isPrivate ? '🔒' : '#'} ${escape(channel.name)}</a>`;
}

function messageHtml(message: Message, workspace: Workspace): string {
  const author = workspace.person(message.user);
  const time = new Date(Number(message.ts) * 1000);
  const body =
    message.blocks.length > 0
      ? message.blocks.map((block) => blockHtml(block as StoredBlock, workspace)).join('')
      : `<p>${markup(message.text, workspace)}</p>`;
  const cards = message.unfurled.map((address) => `<aside class="unfurl">Preview of ${escape(address)}</aside>`);
  const files = message.files.map(
    (file) =>
      `<aside class="file">📄 <b>${escape(file.title)}</b> ${file.content.length} bytes<pre>${escape(file.content.toString('utf8').slice(0, 2000))}</pre></aside>`,
  );
  const reactions = [...message.reactions].map(
    ([name, who]) => `<span class="reaction">${escape(emoji[name] ?? `:${name}:`)} ${who.size}</span>`,
  );
  return `<article id="p${message.ts.replace('.', '')}" class="${message.posted ? 'posted' : ''}">
    <div class="avatar" style="--hue:${hue(message.user)}" aria-hidden="true">${escape((author?.realName ?? '?').slice(0, 1))}</div>
    <div class="message"><p class="who"><b>${escape(author?.realName ?? message.user)}</b>${author?.isBot === true ? ' <span class="app">APP</span>' : ''}
    <time datetime="${time.toISOString()}">${time.toISOString().slice(11, 16)}</time>${message.editedTs === undefined ? '' : ' <i>(edited)</i>'}</p>
    ${body}${cards.join('')}${files.join('')}${reactions.join('')}</div></article>`;
}

function blockHtml(block: StoredBlock, workspace: Workspace): string {
  switch (block.type) {
    case 'header':
      return `<h2>${escape(block.text.text)}</h2>`;
    case 'divider':
      return '<hr>';
    case 'markdown':
      return `<p>${escape(block.text)}</p>`;
    case 'context':
      return `<p class="context">${block.elements.map((item) => textHtml(item, workspace)).join(' ')}</p>`;
    case 'section':
      return [block.text, ...(block.fields ?? [])]
        .map((item) => (item === undefined ? '' : `<p>${textHtml(item, workspace)}</p>`))
        .join('');
    case 'rich_text':
      return richTextHtml(block, workspace);
    case 'actions':
      return `<p class="actions">${block.elements.map(({ text, style = '' }) => `<span class="button ${style}">${escape(text.text)}</span>`).join(' ')}</p>`;
    case 'table': {
      const align = (column: number): string => block.column_settings?.[column]?.align ?? 'left';
      const rows = block.rows.map((row, index) => {
        const tag = index === 0 ? 'th' : 'td';
        const cells = row.map((cell, column) => {
          const inner = cell.type === 'raw_text' ? escape(cell.text) : richTextHtml(cell, workspace);
          return `<${tag} style="text-align:${align(column)}">${inner}</${tag}>`;
        });
        return `<tr>${cells.join('')}</tr>`;
      });
      return `<div class="table"><table>${rows.join('')}</table></div>`;
    }
  }
}

function richTextHtml(block: StoredRichText, workspace: Workspace): string {
  const inlines = (items: readonly StoredInline[]): string => items.map((item) => inlineHtml(item, workspace)).join('');
  return block.elements
    .map((element) => {
      switch (element.type) {
        case 'rich_text_section':
          return `<p>${inlines(element.elements)}</p>`;
        case 'rich_text_quote':
          return `<blockquote>${inlines(element.elements)}</blockquote>`;
        case 'rich_text_preformatted':
          return `<pre>${inlines(element.elements)}</pre>`;
        case 'rich_text_list': {
          const tag = element.style === 'ordered' ? 'ol' : 'ul';
          const items = element.elements.map((item) => `<li>${inlines(item.elements)}</li>`).join('');
          return `<${tag} start="${(element.offset ?? 0) + 1}" style="margin-left:${(element.indent ?? 0) * 1.5}em">${items}</${tag}>`;
        }
      }
    })
    .join('');
}

function inlineHtml(item: StoredInline, workspace: Workspace): string {
  const styled = (html: string): string => {
    let out = html;
    if (item.style?.code === true) out = `<code>${out}</code>`;
    if (item.style?.strike === true) out = `<s>${out}</s>`;
    if (item.style?.italic === true) out = `<em>${out}</em>`;
    if (item.style?.bold === true) out = `<strong>${out}</strong>`;
    return out;
  };
  switch (item.type) {
    case 'text':
      return styled(escape(item.text));
    case 'link':
      return styled(linkHtml(item.url, item.text ?? item.url));
    case 'emoji':
      return escape(emoji[item.name] ?? `:${item.name}:`);
    case 'user':
      return mention(personName(workspace.person(item.user_id), item.user_id));
    case 'usergroup':
      return mention(item.usergroup_id);
    case 'broadcast':
      return mention(item.range);
    case 'channel':
      return mention(`#${workspace.channel(item.channel_id)?.name ?? item.channel_id}`);
  }
}

function textHtml(item: { type: 'plain_text' | 'mrkdwn'; text: string }, workspace: Workspace): string {
  return item.type === 'plain_text' ? escape(item.text) : markup(item.text, workspace);
}

/** The part of mrkdwn that messages here use. */
function markup(text: string, workspace: Workspace): string {
  const unescaped = (part: string): string =>
    part.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return text
    .split(/(<[^>]+>|`[^`]+`|\*[^*\n]+\*)/)
    .map((part) => {
      if (part.startsWith('`') && part.length > 2) return `<code>${escape(unescaped(part.slice(1, -1)))}</code>`;
      if (part.startsWith('*') && part.length > 2) return `<strong>${escape(unescaped(part.slice(1, -1)))}</strong>`;
      if (!part.startsWith('<')) return escape(unescaped(part));
      const [target = '', label] = part.slice(1, -1).split('|');
      if (target.startsWith('@')) return mention(personName(workspace.person(target.slice(1)), target.slice(1)));
      if (target.startsWith('!')) return mention(target.slice(1));
      return linkHtml(unescaped(target), unescaped(label ?? target));
    })
    .join('');
}

const mention = (name: string): string =>
  `<span class="mention">${escape(name.startsWith('#') ? name : `@${name}`)}</span>`;
const personName = (person: Person | undefined, id: string): string => person?.realName ?? id;

function linkHtml(address: string, label: string): string {
  const safe = /^(?:https?|mailto):/i.test(address);
  return safe ? `<a href="${escape(address)}" rel="noreferrer noopener">${escape(label)}</a>` : escape(label);
}

function hue(id: string): number {
  return Buffer.from(id).reduce((sum, byte) => (sum * 31 + byte) % 360, 7);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)} · Slack stand-in</title><style>${style}</style><body>${body}</body></html>`;
}
