// Which addresses are this machine, by how they are written.

/** `localhost`, 127.0.0.0/8, ::1. A name of the machine itself is not: who knows what it resolves to. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(bare);
}
