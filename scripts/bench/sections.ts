// All sections, in the order in which they run.

import type { Section } from './harness/section.ts';
import { append } from './sections/append.ts';

export const SECTIONS: readonly Section[] = [append];
