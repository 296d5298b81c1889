// All sections, in the order in which they run.

import type { Section } from './harness/section.ts';
import { append } from './sections/append.ts';
import { growth } from './sections/growth.ts';
import { verify } from './sections/verify.ts';

export const SECTIONS: readonly Section[] = [append, verify, growth];
