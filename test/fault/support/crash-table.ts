// Every place where the service writes something that lasts, by stage. A write point that is not in this table, or is here
// and never comes by, fails the test: who adds a statement adds its row.

import { SEND } from './chain-line.ts';

/** While a service starts for the first time, on an empty database. */
export const FIRST_START: readonly string[] = [
  // The table of migrations, then all of a migration in one transaction.
  'CREATE TABLE',
  'INSERT INTO migrations',
  'COMMIT after INSERT INTO migrations',
  'INSERT INTO log',
  'INSERT INTO log_sequence',
  'INSERT INTO log_tree',
  'INSERT INTO log_checkpoint',
  'COMMIT after INSERT INTO log_checkpoint',
  // The operator's own tenant.
  'INSERT INTO tenant',
  // The first look at the chain begins the first epoch.
  'INSERT INTO anchor_epoch',
];

/** While it runs. `how` is what makes the service write there. */
export const RUNNING: readonly { readonly stage: string; readonly point: string; readonly how: How }[] = [
  { stage: 'append', point: 'INSERT INTO source', how: 'a new source' },
  { stage: 'append', point: 'INSERT INTO subject_key', how: 'a first patient' },
  { stage: 'append', point: 'sequence-records', how: 'versions' },
  { stage: 'append', point: 'sequence-batch', how: 'versions' },
  { stage: 'append', point: 'sequence-versions', how: 'versions' },
  { stage: 'append', point: 'sequence-advance-heads', how: 'versions' },
  { stage: 'append', point: 'sequence-advance', how: 'versions' },
  { stage: 'append', point: 'sequence-subjects', how: 'another patient' },
  { stage: 'append', point: 'COMMIT of sequence', how: 'versions' },
  { stage: 'append', point: 'INSERT INTO integrity_alarm', how: 'a conflict' },
  { stage: 'integrate', point: 'integrate-tiles', how: 'versions' },
  { stage: 'integrate', point: 'integrate-advance', how: 'versions' },
  { stage: 'integrate', point: 'COMMIT of integrate', how: 'versions' },
  { stage: 'checkpoint', point: 'checkpoint-insert', how: 'versions' },
  { stage: 'checkpoint', point: 'checkpoint-advance', how: 'versions' },
  { stage: 'checkpoint', point: 'COMMIT of checkpoint', how: 'versions' },
  { stage: 'anchor', point: 'INSERT INTO anchor', how: 'versions' },
  { stage: 'anchor', point: SEND, how: 'versions' },
  { stage: 'confirm', point: 'UPDATE anchor', how: 'versions' },
  { stage: 'access-log', point: 'INSERT INTO access_head', how: 'a first read' },
  { stage: 'access-log', point: 'access-insert', how: 'a read' },
  { stage: 'access-log', point: 'access-advance', how: 'a read' },
  { stage: 'access-log', point: 'COMMIT of access', how: 'a read' },
];

export type How =
  'versions' | 'a new source' | 'a conflict' | 'a first patient' | 'another patient' | 'a first read' | 'a read';
