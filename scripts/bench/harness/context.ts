// What a section of the bench is given to measure with.

import type { Service } from './service.ts';

export interface Context {
  /** Small sizes and short times: to see that it works, not to quote. */
  readonly quick: boolean;
  readonly say: (text: string) => void;
  /** A fresh service of the section's own; it is ended after the section. */
  service(): Promise<Service>;
  /** Run after the section, last first, whatever happens. */
  readonly cleanUp: (end: () => Promise<void>) => void;
}
