// What a rotation says to the operator who runs it by hand.
import { keyName } from './key-name.ts';
import { type Rotation } from './rotation-store.port.ts';
import { type RotationResult } from './rotation.service.ts';

export function formatRotationProgress({ id, rewrapped, total, failed }: Rotation): string {
  const lost = failed === 0n ? '' : `, ${failed} cannot be opened`;
  return `rotation ${id}: ${rewrapped} of ${total} wrapped again${lost}`;
}

export function formatResult({ rotation, left }: RotationResult): string {
  const lines = [
    `Key rotation ${rotation.id}: ${rotation.rewrapped} keys and values are wrapped again, with ${keyName(rotation.to)}.`,
  ];
  if (left.length === 0) {
    const old = rotation.from.length === 0 ? '' : ` (${rotation.from.map(keyName).join(', ')})`;
    lines.push(
      `Nothing is wrapped by an older key any more${old}: it can be taken out of the service and destroyed. Backups that were`,
      'made before still need it: destroy it together with the last of them.',
    );
    return `${lines.join('\n')}\n`;
  }
  for (const { header, count } of left) lines.push(`  ${count} are still wrapped with ${keyName(header)}`);
  lines.push(
    rotation.state === 'finished'
      ? 'These could not be opened with any key at hand: DO NOT destroy the old keys. Name the missing one in KEK_PREVIOUS_FILES and run this again.'
      : 'These are still being written: an instance runs with the old KEK_FILE. Restart it with the new one, and run this again.',
  );
  return `${lines.join('\n')}\n`;
}
