// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle tree proofs of RFC 6962 and RFC 9162 with SHA-256
/// @notice Stateless maths: computes the roots that follow from a proof and leaves the comparison to the caller, who
/// can then show both sides. Implements "Tree" of section 7 of docs/spec/formats.md, like `verifier/src`, against
/// which the tests compare every small tree. Does not hash entries, and knows nothing about logs.
///
/// The functions are `view` and not `pure` only because the compiler counts the call of a precompile in assembly as
/// reading the chain. They read no state.
library Rfc6962 {
    /// @notice The largest tree. Sizes are bounded so that they also fit a signed 64-bit column and every proof is
    /// shorter than {MAX_PROOF_LENGTH}.
    uint64 internal constant MAX_SIZE = 2 ** 63 - 1;

    /// @notice No proof between trees of at most {MAX_SIZE} leaves is longer: one hash to start from, one per level.
    uint256 internal constant MAX_PROOF_LENGTH = 64;

    /// @notice Thrown when a consistency proof has too few or too many hashes for its two sizes. Everything of it that
    /// has a place in the trees was read.
    error Rfc6962ConsistencyProofLength(uint64 size1, uint64 size2, uint256 length);

    /// @notice Thrown when consistency is asked for sizes that are not 0 < `size1` < `size2` <= 2^63 - 1. An empty or
    /// an equal tree needs no proof; that case is the caller's.
    error Rfc6962ConsistencySizes(uint64 size1, uint64 size2);

    /// @notice Thrown when the SHA-256 precompile failed or is missing, so out of gas or on a chain without it.
    error Rfc6962Sha256Failed();

    /// @notice SHA-256(0x01 || left || right), the hash of an interior node.
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 result) {
        bool ok;
        // Memory-safe: the 65 octets of input lie behind the free memory pointer, which is not moved because nobody
        // needs them afterwards; the output goes to the scratch space at 0. Success alone does not do: calling an
        // address without code succeeds and leaves the scratch space as it was, hence the look at the length.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore8(input, 0x01)
            mstore(add(input, 0x01), left)
            mstore(add(input, 0x21), right)
            ok := staticcall(gas(), 0x02, input, 0x41, 0x00, 0x20)
            ok := and(ok, eq(returndatasize(), 0x20))
            result := mload(0x00)
        }
        require(ok, Rfc6962Sha256Failed());
    }

    /// @notice RFC 9162 section 2.1.4.2: the two roots that follow from a consistency proof. The trees are consistent
    /// if, and only if, they are `root1` and the root claimed for `size2`.
    /// @param size1 leaves of the older tree, above 0
    /// @param size2 leaves of the newer tree, above `size1`
    /// @param root1 root of the older tree. Where `size1` is a power of two it is itself a node of the newer tree and
    /// the proof starts with it unsaid; otherwise it has no influence on the result
    /// @param proof the hashes, in the order of the RFC
    /// @return computed1 root that the proof gives the older tree
    /// @return computed2 root that the proof gives the newer tree
    function rootsFromConsistencyProof(
        uint64 size1,
        uint64 size2,
        bytes32 root1,
        bytes32[] calldata proof
    ) internal view returns (bytes32 computed1, bytes32 computed2) {
        require(0 < size1 && size1 < size2 && size2 <= MAX_SIZE, Rfc6962ConsistencySizes(size1, size2));
        uint256 length = proof.length;
        // The loops below read at most 64 hashes whatever they are given; the bound is stated here to be seen.
        require(0 < length && length <= MAX_PROOF_LENGTH, Rfc6962ConsistencyProofLength(size1, size2, length));

        // Unchecked: every subtraction is of 1 from something positive (`unit` divides size1, and size1 < size2), and
        // `next` only grows up to `length` <= 64.
        unchecked {
            // Leaves in the last perfect subtree of the older tree. Its root is a node of both trees: the start.
            uint256 unit = size1 & (~size1 + 1);
            // Position, among the nodes of that height, of the last one of either tree.
            uint256 node1 = size1 / unit - 1;
            uint256 node2 = (size2 - 1) / unit;
            uint256 next = 0;
            // `node1` is 0 exactly if that subtree is the whole older tree.
            computed1 = node1 == 0 ? root1 : proof[next++];
            computed2 = computed1;

            // Up to where the two paths meet, each level has a sibling.
            while (node1 != node2) {
                require(next < length, Rfc6962ConsistencyProofLength(size1, size2, length));
                bytes32 sibling = proof[next++];
                if (node1 & 1 == 1) {
                    // On the left, in both trees.
                    computed1 = nodeHash(sibling, computed1);
                    computed2 = nodeHash(sibling, computed2);
                } else {
                    // On the right, where only the newer tree has one.
                    computed2 = nodeHash(computed2, sibling);
                }
                node1 >>= 1;
                node2 >>= 1;
            }
            // From there on both run along the right edge: a left sibling for each bit that is set, and no sibling (the
            // node moves up as it is) for the others.
            while (node1 != 0) {
                require(next < length, Rfc6962ConsistencyProofLength(size1, size2, length));
                bytes32 sibling = proof[next++];
                computed1 = nodeHash(sibling, computed1);
                computed2 = nodeHash(sibling, computed2);
                node1 &= node1 - 1;
            }
            require(next == length, Rfc6962ConsistencyProofLength(size1, size2, length));
        }
    }

    /// @notice RFC 9162 section 2.1.3.2: the root that follows from an inclusion proof. The leaf is at `index` in the
    /// tree if, and only if, `wellFormed` is true and `root` is the tree's root.
    /// @param leafHash hash of the leaf, not of the entry
    /// @param index position of the leaf, from 0
    /// @param size leaves of the tree
    /// @param proof the sibling hashes from the leaf upwards
    /// @return wellFormed false when the index is not in the tree, the size is out of range, or the proof has too few
    /// or too many hashes; `root` means nothing then
    /// @return root the computed root
    function rootFromInclusionProof(
        bytes32 leafHash,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof
    ) internal view returns (bool wellFormed, bytes32 root) {
        uint256 length = proof.length;
        if (index >= size || size > MAX_SIZE || length > MAX_PROOF_LENGTH) return (false, 0);

        root = leafHash;
        // Unchecked: the subtractions are of 1 from something positive, `next` only grows up to `length` <= 64.
        unchecked {
            // Positions, level by level, of the node above the leaf and of the last node.
            uint256 node = index;
            uint256 last = size - 1;
            uint256 next = 0;
            // Until the path meets the right edge of the tree, each level has a sibling.
            while (node != last) {
                if (next == length) return (false, 0);
                bytes32 sibling = proof[next++];
                root = node & 1 == 1 ? nodeHash(sibling, root) : nodeHash(root, sibling);
                node >>= 1;
                last >>= 1;
            }
            // On the edge, a left sibling for each bit that is set; elsewhere the node moves up as it is.
            while (node != 0) {
                if (next == length) return (false, 0);
                root = nodeHash(proof[next++], root);
                node &= node - 1;
            }
            if (next != length) return (false, 0);
        }
        wellFormed = true;
    }
}
