// After all tests: stops what global-setup.ts started and removes its folder.

export default async function stopTestPostgres(): Promise<void> {
  await globalThis.stopTestPostgres?.();
}
