import type { Page } from 'playwright-core';

/** The pages of `oidc-provider`: login, then consent. */
export async function consent(page: Page): Promise<void> {
  await page.locator('input[name=login]').fill('jane');
  await page.locator('input[name=password]').fill('x');
  await page.locator('button[type=submit]').click();
  await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' });
  await page.locator('button[type=submit]').click();
  await page.getByText('Switchboard: you are signed in.').waitFor();
}
