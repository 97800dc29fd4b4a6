import { env, Uri, window } from 'vscode';
import { describeField, readField, readForm } from '../../agent/server-form.ts';
import type { AskForServer, FormField, FormQuestion, ServerReply, UrlQuestion } from '../../agent/server-question.ts';
import { askInSteps, type Question } from '../connections/input-steps.ts';

/** Shows a question from a third-party server in native dialogs. */
export const answerServer: AskForServer = (asked, signal) => {
  const aborted = new Promise<ServerReply>((resolve) => {
    signal.addEventListener('abort', () => resolve({ action: 'cancel' }), { once: true });
  });
  return Promise.race([asked.kind === 'form' ? answerForm(asked) : openPage(asked), aborted]);
};

async function answerForm({ server, message, fields }: FormQuestion): Promise<ServerReply> {
  const detail = `${message}\n\nDo not enter passwords or tokens: the server receives what you type.`;
  const options = { modal: true, detail };
  const answer = fields.length === 0 ? 'Accept' : 'Answer...';
  const choice = await window.showInformationMessage(`${server} asks a question`, options, answer, 'Decline');
  if (choice !== answer) return { action: choice === 'Decline' ? 'decline' : 'cancel' };
  const typed = await askInSteps(`Answer to ${server}`, fields.map(stepOf));
  if (typed === undefined) return { action: 'cancel' };
  const read = readForm(
    fields,
    Object.fromEntries(Object.entries(typed).map(([name, text]) => [name, text === leaveOut ? '' : text])),
  );
  return 'content' in read ? { action: 'accept', content: read.content } : { action: 'cancel' };
}

/** The choice for leaving an optional field empty. */
const leaveOut = '(no answer)';

function stepOf(field: FormField): Question<string> {
  const { name, title, description, initial, kind, required } = field;
  const labels = kind === 'boolean' ? ['yes', 'no'] : field.options.map(({ label }) => label);
  const offered = required ? labels : [...labels, leaveOut];
  return {
    key: name,
    prompt: description === '' ? title : `${title}: ${description}`,
    placeholder: describeField(field),
    value: initial,
    check: (typed) => {
      const read = readField(field, typed);
      return read.kind === 'wrong' ? read.message : undefined;
    },
    ...((kind === 'choice' || kind === 'boolean') && {
      choices: offered.map((label) => ({ label, description: '' })),
    }),
  };
}

/** Opens the page only if the user clicks the button, which names the host. */
async function openPage({ server, message, url, host }: UrlQuestion): Promise<ServerReply> {
  const options = { modal: true, detail: `${message}\n\nHost: ${host}\n${url}` };
  const open = `Open ${host}`;
  const choice = await window.showInformationMessage(`${server} asks you to open a web page`, options, open, 'Decline');
  if (choice !== open) return { action: choice === 'Decline' ? 'decline' : 'cancel' };
  return (await env.openExternal(Uri.parse(url, true))) ? { action: 'accept' } : { action: 'cancel' };
}
