// As much of a browser as signing in needs: cookies by name and path, redirects one at a time, and the forms of a page. It
// runs no scripts, which is the point.

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
}

export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly dated: boolean;
}

export class Browser {
  readonly #cookies = new Map<string, Cookie>();

  cookieNames(): readonly string[] {
    return [...this.#cookies.values()].map(({ name }) => name).sort();
  }

  /** Those that outlive the browser. */
  datedCookies(): readonly string[] {
    return [...this.#cookies.values()].filter(({ dated }) => dated).map(({ name }) => name);
  }

  /** @returns its value, or '' for none */
  cookie(name: string): string {
    return [...this.#cookies.values()].find((one) => one.name === name)?.value ?? '';
  }

  /** As if it had been set here: a copy of another browser's, or what somebody made up. '' takes it away. */
  plantCookie(name: string, value: string): void {
    if (value === '') this.#cookies.delete(`${name} /`);
    else this.#cookies.set(`${name} /`, { name, value, path: '/', dated: true });
  }

  /** Follows redirects until a page comes, or until one leads below `stopAt`: that is then the page's address. */
  async open(url: string, stopAt?: string): Promise<Page> {
    return this.#go(url, { method: 'GET' }, stopAt);
  }

  async submit(
    page: Page,
    fields: Readonly<Record<string, string>>,
    stopAt?: string,
    headers: Record<string, string> = {},
    action?: string,
  ): Promise<Page> {
    const form = formOf(page, action);
    const url = new URL(form.action, page.url).href;
    const body = new URLSearchParams({ ...form.fields, ...fields });
    return this.#go(url, { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin', ...headers } }, stopAt);
  }

  async #go(url: string, init: RequestInit, stopAt?: string): Promise<Page> {
    let next: { url: string; init: RequestInit } = { url, init };
    for (let hops = 0; hops < 10; hops += 1) {
      const response = await fetch(next.url, {
        ...next.init,
        redirect: 'manual',
        headers: {
          accept: 'text/html',
          ...(next.init.headers as Record<string, string>),
          cookie: this.#cookiesFor(next.url),
        },
      });
      this.#keep(response, next.url);
      const location = response.headers.get('location');
      if (location === null)
        return { status: response.status, url: next.url, headers: response.headers, text: await response.text() };
      await response.arrayBuffer();
      const target = new URL(location, next.url).href;
      if (stopAt !== undefined && target.startsWith(stopAt))
        return { status: response.status, url: target, headers: response.headers, text: '' };
      next = { url: target, init: { method: 'GET' } };
    }
    throw new Error('more than ten redirects');
  }

  #cookiesFor(url: string): string {
    const { pathname } = new URL(url);
    return [...this.#cookies.values()]
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #keep(response: Response, url: string): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const attribute = (wanted: string): string | undefined =>
        attributes.find((one) => one.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const path = attribute('path') ?? new URL(url).pathname;
      const expires = attribute('expires');
      const key = `${name} ${path}`;
      if (expires !== undefined && Date.parse(expires) < Date.now()) this.#cookies.delete(key);
      else
        this.#cookies.set(key, {
          name,
          value: pair.slice(at + 1),
          path,
          dated: expires !== undefined || attribute('max-age') !== undefined,
        });
    }
  }
}

/** The first form of a page, or the one with this action, with what it holds already. */
export function formOf({ text }: Page, wanted?: string): Form {
  const form = [...text.matchAll(/<form[^>]*action="([^"]*)"[^>]*>([^]*?)<\/form>/g)].find(
    ([, action]) => wanted === undefined || action === wanted,
  );
  if (form === undefined) throw new Error(`a page without a form: ${text.slice(0, 400)}`);
  const [, action = '', content = ''] = form;
  const inputs = [...content.matchAll(/<input([^>]*)>/g)].map(([, attributes = '']) => ({
    name: /name="([^"]*)"/.exec(attributes)?.[1],
    value: /value="([^"]*)"/.exec(attributes)?.[1] ?? '',
  }));
  return {
    action,
    fields: Object.fromEntries(inputs.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value]]))),
  };
}
