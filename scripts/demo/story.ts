// The story, in the order in which it is told. Later steps stand on earlier ones: without records there is no anchor.

import { auditorCommand } from './steps/auditor-command.ts';
import { changedHash, otherIndex, otherTransaction } from './steps/forge-proof.ts';
import { backdate, falseValue } from './steps/change-rows.ts';
import { exactCopy, lessPrecise, oneDigit, reserialised } from './steps/compare-copies.ts';
import { discloseField } from './steps/disclose-field.ts';
import { anchor, refuseOtherContent, submit } from './steps/record-and-anchor.ts';
import { restart } from './steps/restart.ts';
import { rewriteHistory } from './steps/rewrite-history.ts';
import type { Step } from './step.ts';

export const STORY: readonly Step[] = [
  submit,
  refuseOtherContent,
  anchor,
  exactCopy,
  reserialised,
  lessPrecise,
  oneDigit,
  discloseField,
  changedHash,
  otherIndex,
  otherTransaction,
  auditorCommand,
  backdate,
  falseValue,
  rewriteHistory,
  restart,
];
