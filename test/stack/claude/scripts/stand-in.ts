import type { Script } from '../conversation.ts';
import { answerQuestion } from './ask.ts';
import { fileBugFromSelection } from './bug-from-selection.ts';
import { investigateFailedOrders } from './failed-orders.ts';

/** The default script: recognises the product's jobs by their prompts. */
export const standInScript: Script = (conversation) => {
  if (conversation.prompt.includes('File one Jira bug about code')) return fileBugFromSelection(conversation);
  if (/orders failed|failed orders/i.test(conversation.prompt) && conversation.prompt.includes('post_slack_message'))
    return investigateFailedOrders(conversation);
  return answerQuestion(conversation);
};
