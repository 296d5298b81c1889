// All sections, in the order in which they run.

import type { Section } from './harness/section.ts';
import { append } from './sections/append.ts';
import { digest } from './sections/digest.ts';
import { erasure } from './sections/erasure.ts';
import { gas } from './sections/gas.ts';
import { growth } from './sections/growth.ts';
import { stages } from './sections/stages.ts';
import { tree } from './sections/tree.ts';
import { verify } from './sections/verify.ts';

export const SECTIONS: readonly Section[] = [tree, digest, gas, append, erasure, stages, verify, growth];
