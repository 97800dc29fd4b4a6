import { type QuickInputButton, QuickInputButtons, window } from 'vscode';

/** One question in a sequence. Answers are plain text that the caller interprets. */
export interface Question<Key extends string> {
  readonly key: Key;
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** If present, the answer must be one of these. */
  readonly choices?: readonly { readonly label: string; readonly description: string }[];
  /** Returns one sentence that says how to correct the answer, or undefined if it is valid. */
  readonly check?: (answer: string) => string | undefined;
  /** Receives the answers so far. Returns false to skip the question. */
  readonly when?: (answers: Answers<Key>) => boolean;
}

export type Answers<Key extends string> = Readonly<Partial<Record<Key, string>>>;

/** Asks the questions in native input boxes, with a Back button. Returns undefined if the user cancels. */
export async function askInSteps<Key extends string>(
  title: string,
  questions: readonly Question<Key>[],
): Promise<Answers<Key> | undefined> {
  const answers: Partial<Record<Key, string>> = {};
  const asked: number[] = [];
  let index = 0;
  /** Questions that are still to come, as far as the answers so far tell. */
  const left = (): number => questions.slice(index + 1).filter((question) => question.when?.(answers) !== false).length;
  while (index < questions.length) {
    const question = questions[index];
    if (question === undefined || question.when?.(answers) === false) {
      index += 1;
      continue;
    }
    const value = answers[question.key] ?? question.value ?? '';
    const frame = { title, step: asked.length + 1, totalSteps: asked.length + 1 + left(), canGoBack: asked.length > 0 };
    const answer =
      question.choices === undefined ? await askText(question, value, frame) : await choose(question, value, frame);
    if (answer === undefined) return undefined;
    if (answer === back) {
      index = asked.pop() ?? 0;
      continue;
    }
    answers[question.key] = answer.text;
    asked.push(index);
    index += 1;
  }
  return answers;
}

const back = Symbol('back');

interface Frame {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly canGoBack: boolean;
}

type Answer = { readonly text: string } | typeof back | undefined;

function askText(question: Question<string>, value: string, frame: Frame): Promise<Answer> {
  const box = window.createInputBox();
  Object.assign(box, {
    title: frame.title,
    step: frame.step,
    totalSteps: frame.totalSteps,
    prompt: question.prompt,
    placeholder: question.placeholder ?? '',
    password: question.password ?? false,
    value,
    ignoreFocusOut: true,
    buttons: frame.canGoBack ? [QuickInputButtons.Back] : [],
  });
  return new Promise((resolve) => {
    box.onDidTriggerButton((button: QuickInputButton) => {
      if (button === QuickInputButtons.Back) finish(back);
    });
    box.onDidChangeValue(() => {
      box.validationMessage = undefined;
    });
    box.onDidAccept(() => {
      const text = box.value.trim();
      box.validationMessage = question.check?.(text);
      if (box.validationMessage === undefined) finish({ text });
    });
    box.onDidHide(() => finish(undefined));
    const finish = (answer: Answer): void => {
      resolve(answer);
      box.dispose();
    };
    box.show();
  });
}

function choose(question: Question<string>, value: string, frame: Frame): Promise<Answer> {
  const pick = window.createQuickPick();
  const items = [...(question.choices ?? [])];
  Object.assign(pick, {
    title: frame.title,
    step: frame.step,
    totalSteps: frame.totalSteps,
    placeholder: question.prompt,
    items,
    activeItems: items.filter(({ label }) => label === value),
    ignoreFocusOut: true,
    buttons: frame.canGoBack ? [QuickInputButtons.Back] : [],
  });
  return new Promise((resolve) => {
    pick.onDidTriggerButton((button: QuickInputButton) => {
      if (button === QuickInputButtons.Back) finish(back);
    });
    pick.onDidAccept(() => {
      // `activeItems` follows the keyboard focus and can differ from the item that was clicked.
      const [chosen] = pick.selectedItems;
      if (chosen !== undefined) finish({ text: chosen.label });
    });
    pick.onDidHide(() => finish(undefined));
    const finish = (answer: Answer): void => {
      resolve(answer);
      pick.dispose();
    };
    pick.show();
  });
}
