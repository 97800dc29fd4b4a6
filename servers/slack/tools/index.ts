import listSlackChannels from './list-slack-channels.ts';
import postSlackMessage from './post-slack-message.ts';
import readSlackChannel from './read-slack-channel.ts';

export const tools = [listSlackChannels, readSlackChannel, postSlackMessage];
