import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Download, Locator, Page } from 'playwright-core';

/** What a browser was given to keep. */
export interface Saved {
  readonly name: string;
  readonly path: string;
  readonly bytes: Buffer;
}

/** A click, or whatever `act` does, that ends in a download. */
export async function saved(page: Page, act: () => Promise<unknown>): Promise<Saved> {
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), act()]);
  const path = await (download as Download).path();
  return { name: download.suggestedFilename(), path, bytes: readFileSync(path) };
}

/** An entry of the menu of a case that hands something out. */
export async function exported(page: Page, entry: string): Promise<Saved> {
  await page.getByRole('button', { name: 'Export', exact: false }).first().click();
  const item = page.getByRole('link', { name: entry }).or(page.getByRole('button', { name: entry, exact: true }));
  return saved(page, () => item.first().click());
}

/** The picture of a case, drawn by the method. */
export async function picture(page: Page, method: string): Promise<Locator> {
  const pane = page.locator(`[data-ready="true"][data-method="${method}"]`);
  const fault = page.getByRole('main').getByRole('alert');
  await pane.or(fault).first().waitFor({ timeout: 60_000 });
  if ((await fault.count()) > 0) assert.fail(`in place of the picture: ${await textOf(fault.first())}`);
  return pane;
}

export async function chooseMethod(page: Page, title: string, method: string): Promise<Locator> {
  await page.getByRole('radio', { name: title, exact: true }).click();
  return picture(page, method);
}

/** All digits of an amount, as the page shows them on hover: "8,311.2850 ETH". */
export async function digitsOf(amount: Locator): Promise<string> {
  return ((await amount.first().getAttribute('title')) ?? '').split('\n')[0]!;
}

/** Base units as the page writes all digits of an amount. */
export function written(units: string | bigint, decimals: number): string {
  const digits = BigInt(units)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** How many colours a PNG holds: a picture of nothing has one. Counted by the browser, which can read it. */
export async function colours(page: Page, png: Buffer): Promise<number> {
  return (await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob('${png.toString('base64')}'), (each) => each.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`)) as number;
}

/** Keys pressed one after the other until `there` holds; fails after `most`. */
export async function pressUntil(
  page: Page,
  key: string,
  there: () => Promise<boolean>,
  most: number,
): Promise<number> {
  for (let count = 0; count <= most; count += 1) {
    if (await there()) return count;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} was pressed ${most} times`);
}

/** Asked again until it holds. */
export async function until(what: string, holds: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As a person reads it, with its lines. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.first().allInnerTexts())[0] ?? '';
}
