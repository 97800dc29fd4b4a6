/** What docs.slack.dev/reference/methods says about a method. */
interface Documented {
  readonly scope?: string;
  /** Its arguments, except those we must not send: as_user, username, icons. The stand-in rejects any other. */
  readonly takes: string;
}

export const documentation: Readonly<Record<string, Documented>> = {
  'assistant.search.context': {
    scope: 'search:read.public',
    takes:
      'query action_token after before channel_types content_types context_channel_id cursor disable_semantic_search include_archived_channels include_bots include_context_messages include_message_blocks keyword_search_only limit max_context_messages modifiers sort sort_dir term_clauses',
  },
  'auth.test': { takes: '' },
  'bots.info': { scope: 'users:read', takes: 'bot team_id' },
  'chat.delete': { scope: 'chat:write', takes: 'channel ts' },
  'chat.getPermalink': { takes: 'channel message_ts' },
  'chat.postMessage': {
    scope: 'chat:write',
    takes:
      'channel attachments blocks text link_names markdown_text metadata mrkdwn parse reply_broadcast thread_ts unfurl_links unfurl_media',
  },
  'chat.update': {
    scope: 'chat:write',
    takes: 'channel ts attachments blocks file_ids link_names markdown_text metadata parse reply_broadcast text',
  },
  'conversations.history': {
    scope: 'channels:history',
    takes: 'channel cursor include_all_metadata inclusive latest limit oldest',
  },
  'conversations.info': { scope: 'channels:read', takes: 'channel include_locale include_num_members' },
  'conversations.list': { scope: 'channels:read', takes: 'cursor exclude_archived limit team_id types' },
  'conversations.replies': {
    scope: 'channels:history',
    takes: 'channel ts cursor include_all_metadata inclusive latest limit oldest',
  },
  'files.completeUploadExternal': {
    scope: 'files:write',
    takes: 'files blocks channel_id channels initial_comment thread_ts',
  },
  'files.getUploadURLExternal': { scope: 'files:write', takes: 'filename length alt_text snippet_type' },
  'files.delete': { scope: 'files:write', takes: 'file' },
  'files.info': { scope: 'files:read', takes: 'file count cursor limit page' },
  'pins.add': { scope: 'pins:write', takes: 'channel timestamp' },
  'pins.remove': { scope: 'pins:write', takes: 'channel timestamp' },
  'reactions.add': { scope: 'reactions:write', takes: 'channel name timestamp' },
  'reactions.remove': { scope: 'reactions:write', takes: 'channel name timestamp file file_comment' },
  'search.messages': { scope: 'search:read', takes: 'query count cursor highlight page sort sort_dir team_id' },
  'usergroups.list': { scope: 'usergroups:read', takes: 'include_count include_disabled include_users team_id' },
  'users.info': { scope: 'users:read', takes: 'user include_locale' },
  'users.list': { scope: 'users:read', takes: 'cursor include_locale limit team_id' },
  'users.lookupByEmail': { scope: 'users:read.email', takes: 'email' },
};

/** Slack requires separate scopes for direct messages. */
export const allScopes: readonly string[] = [
  ...new Set([...Object.values(documentation).flatMap(({ scope }) => scope ?? []), 'im:read', 'im:history']),
];
