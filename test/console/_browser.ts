import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** HAETAE_BROWSER, or where a Chromium usually stands; null: there is none. */
export function browserPath(): string | null {
  return process.env.HAETAE_BROWSER ?? PLACES.find((path) => existsSync(path)) ?? null;
}

/** The reason to skip, or false. Where HAETAE_REQUIRE_BROWSER is set a missing browser is a failure, not a skip. */
export function skipWithoutBrowser(): string | false {
  if (browserPath() !== null || process.env.HAETAE_REQUIRE_BROWSER !== undefined) return false;
  return 'no Chromium on this machine (apt install chromium, or HAETAE_BROWSER=PATH)';
}

export async function openBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  assert.ok(executablePath !== null, 'the walks need Chromium: apt install chromium, or HAETAE_BROWSER=PATH');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
}

export interface Look {
  readonly language?: 'en' | 'ko';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** A page of a browser of its own, with what went wrong in it: any message of an error, a script that threw, a request to elsewhere or refused by the policy. */
export class Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly faults: string[] = [];
  readonly foreign: string[] = [];
  /** Messages that are part of what a test does; and on a starved machine the server sheds, and the page asks again. */
  readonly expected: RegExp[] = [/status of 503 /];
  readonly #asked = new Set<Request>();

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.#note(`${message.text()} ${message.location().url}`.trim());
    });
    page.on('pageerror', (error) => this.#note(String(error)));
    page.on('requestfinished', (request) => this.#asked.delete(request));
    page.on('requestfailed', (request) => this.#asked.delete(request));
    page.on('request', (request) => {
      this.#asked.add(request);
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) this.foreign.push(url);
    });
  }

  /** Nothing is being asked of the server, and what was answered is drawn. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 3; ) {
      await this.page.evaluate('new Promise((done) => setTimeout(() => requestAnimationFrame(done), 30))');
      still = this.#asked.size === 0 ? still + 1 : 0;
    }
  }

  static async begin(browser: Browser, origin: string, look: Look = {}): Promise<Visit> {
    const { language = 'en', theme = 'light', width = 1440, height = 900 } = look;
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === 'ko' ? 'ko-KR' : 'en-US',
      timezoneId: 'Asia/Seoul',
      colorScheme: theme,
      acceptDownloads: true,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const visit = new Visit(context, await context.newPage(), origin);
    visit.page.setDefaultTimeout(20_000);
    return visit;
  }

  #note(text: string): void {
    if (!this.expected.some((known) => known.test(text))) this.faults.push(text);
  }

  /** Nothing went wrong, and nothing was asked of anybody else. */
  assertClean(): void {
    assert.deepEqual(this.faults, []);
    assert.deepEqual(this.foreign, []);
  }

  /** Kept only where HAETAE_PICTURES names a folder. */
  async picture(name: string): Promise<void> {
    const folder = process.env.HAETAE_PICTURES;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: false });
  }

  /** What axe finds serious or critical, one line each. The script is evaluated from outside, as the policy of the page lets none in. */
  async axe(): Promise<string[]> {
    const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    const { readFileSync } = await import('node:fs');
    await this.page.evaluate(readFileSync(path, 'utf8'));
    const found =
      (await this.page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({
      id, impact, nodes: nodes.slice(0, 5).map(({ html }) => html.slice(0, 200)),
    })))`)) as { id: string; impact: string; nodes: string[] }[];
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.join(' | ')}`);
  }

  async end(): Promise<void> {
    await this.context.close();
  }
}
