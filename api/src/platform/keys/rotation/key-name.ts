/** How a person calls the key of a header (hexadecimal, version and key id). */
export function keyName(header: string): string {
  const id = header.slice(2);
  if (header.startsWith('01')) return `the KEK ${id}`;
  return header.startsWith('02') ? `the data key ${id}` : `something that no key has made (${header})`;
}
