// Pure rule: the entries of one record form a chain inside the log, each naming the leaf hash of the one before.
import { equalBytes } from '@medanchor/verifier';
/**
 * @param links versions 1, 2, 3, … of one record, in order
 * @returns null when unbroken, else what is wrong with the first bad link
 */
export function chainOfVersions(links) {
    let previous = null;
    for (const [position, link] of links.entries()) {
        const expected = BigInt(position) + 1n;
        if (link.seq !== expected)
            return `version number ${expected} is missing`;
        if (!equalBytes(link.leafHash, link.computed))
            return `the entry of version number ${expected} was changed: its hash is not the recorded one`;
        if (link.entry.kind !== 'record-version' && link.entry.kind !== 'record-erasure')
            return `entry of version number ${expected} is of kind ${link.entry.kind}`;
        if (link.entry.seq !== expected)
            return `the entry of version number ${expected} says ${link.entry.seq}`;
        const named = link.entry.previous;
        const linked = previous === null ? named === null : named !== null && equalBytes(named, previous.leafHash);
        if (!linked)
            return `version number ${expected} does not name the one before it`;
        previous = link;
    }
    return null;
}
//# sourceMappingURL=version-chain.rules.js.map