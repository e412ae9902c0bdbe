import type { Browser } from 'playwright-core';
import { type Look, openBrowser, Visit } from './_browser.ts';
import { ConsoleServer } from './_console.ts';

/** A server with a case, a browser, and somebody who signs in. */
export class Stage {
  readonly server = new ConsoleServer();
  #browser: Browser | null = null;
  adminKey = '';

  get browser(): Browser {
    if (this.#browser === null) throw new Error('the stage is not set');
    return this.#browser;
  }

  get url(): string {
    return this.server.url;
  }

  /** null: over a store with nothing in it, or with what was put there before. */
  async set(job: 'ronin' | 'drill' | null, ...words: string[]): Promise<void> {
    if (job !== null) await this.server.makeCase(job);
    await this.server.start(...words);
    this.adminKey = await this.server.key('admin');
    this.#browser = await openBrowser();
  }

  async clear(): Promise<void> {
    await this.#browser?.close();
    await this.server.end();
  }

  /** A browser of its own, signed in with a key, on the page asked for. The labels are those of the language. */
  async visit(path = '/', look: Look = {}, key = this.adminKey): Promise<Visit> {
    const visit = await Visit.begin(this.browser, this.url, look);
    visit.expected.push(/status of 401/);
    await visit.page.goto(`${this.url}${path}`);
    const korean = look.language === 'ko';
    await visit.page.getByLabel(korean ? 'API 키' : 'API key').fill(key);
    await visit.page.getByRole('button', { name: korean ? '로그인' : 'Sign in' }).click();
    await visit.page.getByRole('navigation', { name: korean ? '메뉴' : 'Places' }).waitFor();
    return visit;
  }
}
