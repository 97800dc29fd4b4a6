import addSlackReaction from './add-slack-reaction.ts';
import deleteSlackFile from './delete-slack-file.ts';
import deleteSlackMessage from './delete-slack-message.ts';
import findSlackUsers from './find-slack-users.ts';
import listSlackChannels from './list-slack-channels.ts';
import pinSlackMessage from './pin-slack-message.ts';
import postSlackMessage from './post-slack-message.ts';
import readSlackChannel from './read-slack-channel.ts';
import readSlackFile from './read-slack-file.ts';
import readSlackThread from './read-slack-thread.ts';
import restoreSlackMessage from './restore-slack-message.ts';
import searchSlackMessages from './search-slack-messages.ts';
import updateSlackMessage from './update-slack-message.ts';
import uploadSlackFile from './upload-slack-file.ts';

export const tools = [
  listSlackChannels,
  readSlackChannel,
  readSlackThread,
  readSlackFile,
  searchSlackMessages,
  findSlackUsers,
  postSlackMessage,
  updateSlackMessage,
  deleteSlackMessage,
  addSlackReaction,
  pinSlackMessage,
  uploadSlackFile,
  restoreSlackMessage,
  deleteSlackFile,
];
