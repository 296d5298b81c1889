// The launcher's own questions to the API that it has started. With TLS it trusts exactly the certificate that it gave to it,
// by whatever name, and no other.

import { readFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MS = 10_000;

/** @param certificateFile of the API; null when it speaks plain HTTP */
export async function getFrom(url: string, certificateFile: string | null): Promise<Answer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request =
      certificateFile === null
        ? httpGet(url, { signal }, resolve)
        : httpsGet(
            url,
            {
              signal,
              ca: readFileSync(certificateFile),
              allowPartialTrustChain: true,
              checkServerIdentity: () => undefined,
            },
            resolve,
          );
    request.once('error', reject);
  });
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return { status: response.statusCode ?? 0, text };
}
