import { createTranslate, english, type Texts } from '../chat/texts.ts';

/** Whatever is shown goes through these. The English text is the key; a test looks for texts that do not. */
export const { language, t, plural, rich, term, known } = createTranslate(textsOfPage());

/** What the host wrote into the page, so that the first thing drawn is in the right language. */
function textsOfPage(): Texts {
  if (typeof document === 'undefined') return english;
  const written: unknown = JSON.parse(document.querySelector('#texts')?.textContent ?? 'null');
  return isTexts(written) ? written : english;
}

function isTexts(value: unknown): value is Texts {
  return typeof value === 'object' && value !== null && 'language' in value && 'panel' in value && 'core' in value;
}
