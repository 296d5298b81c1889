/**
 * SQL, true for a row of `record`: a legal hold is on it, by itself, by its patient or by its source. For every statement
 * that erases, or looks for what may be erased.
 */
export const RECORD_IS_HELD = `EXISTS (SELECT FROM legal_hold hold WHERE hold.source_id = record.source_id AND hold.released_at IS NULL
  AND (hold.scope = 'source' OR hold.record = record.id OR hold.subject_ref = record.subject_ref))`;
