// HTML with one script at most. What stands between ${ and } is text, unless it is html itself: nothing is ever inserted unescaped.
import { createHash } from 'node:crypto';

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | null | readonly Html[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + insert(parts[i - 1] ?? null) + string));
}

function insert(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:34rem;margin:3rem auto;padding:0 1rem}
label{display:block;margin:1rem 0 .25rem;font-weight:600}
input{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
input[type=radio]{width:auto}
button{margin-top:1.5rem;padding:.6rem 1.2rem;font:inherit}
[role=alert]{border-left:.3rem solid #b00020;padding-left:1rem}
code{overflow-wrap:anywhere}
svg{width:14rem;background:#fff}
table{border-collapse:collapse}th,td{text-align:left;padding:.3rem 1rem .3rem 0;vertical-align:top}
section{margin-top:1.5rem;padding-top:.5rem;border-top:1px solid #8888}section h2{margin-top:.5rem}
section button{margin-top:.5rem}
.row{display:flex;gap:.5rem;align-items:end}.row button{margin:0}
`.trim();

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A whole page. @param body its content below the heading @param script address of the only script that it may run */
export function page(title: string, body: Html, script: string | null = null): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · MedAnchor</title>
        ${new Html(`<style>${STYLE}</style>`)}
        ${script === null ? null : html`<script type="module" src="${script}"></script>`}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html>`.text;
}

/** What went wrong, read out first by a screen reader. */
export function alert(faults: readonly string[]): Html {
  if (faults.length === 0) return new Html('');
  return html`<div role="alert">${faults.map((fault) => html`<p>${fault}</p>`)}</div>`;
}

/**
 * Headers of every page: no script but the one that is named, no frame, nothing from elsewhere, kept nowhere.
 *
 * @param formTargets origins that a form's answer may lead to: browsers apply `form-action` to redirects too
 */
export function pageHeaders(
  formTargets: readonly string[] = [],
  script: string | null = null,
): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      `default-src 'none'`,
      `style-src 'sha256-${STYLE_HASH}'`,
      ...(script === null ? [] : [`script-src ${script}`]),
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      `frame-ancestors 'none'`,
      `base-uri 'none'`,
    ].join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
