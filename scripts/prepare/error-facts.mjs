// What is known of a thrown value. Without `instanceof`: errors of Node's own modules come from another realm when the
// code runs under jest.

/** The system's code (`ENOENT`), if any. @param {unknown} error @returns {unknown} */
export function codeOf(error) {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** @param {unknown} error */
export function messageOf(error) {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
