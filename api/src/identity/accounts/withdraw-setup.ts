import { rmSync } from 'node:fs';

/** After use: what lies about is taken for something that still opens. @param file SETUP_TOKEN_FILE */
export function withdrawSetup(file: string | undefined): void {
  if (file !== undefined) rmSync(file, { force: true });
}
