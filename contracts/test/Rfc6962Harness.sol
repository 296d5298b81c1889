// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962} from "../libraries/Rfc6962.sol";

/// @title Door to the internal functions of {Rfc6962}, for tests only
/// @notice Each function passes its arguments on as they are.
contract Rfc6962Harness {
    /// @notice {Rfc6962.nodeHash}.
    function nodeHash(bytes32 left, bytes32 right) external view returns (bytes32) {
        return Rfc6962.nodeHash(left, right);
    }

    /// @notice {Rfc6962.rootsFromConsistencyProof}.
    function rootsFromConsistencyProof(
        uint64 size1,
        uint64 size2,
        bytes32 root1,
        bytes32[] calldata proof
    ) external view returns (bytes32 computed1, bytes32 computed2) {
        return Rfc6962.rootsFromConsistencyProof(size1, size2, root1, proof);
    }

    /// @notice {Rfc6962.rootFromInclusionProof}.
    function rootFromInclusionProof(
        bytes32 leafHash,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof
    ) external view returns (bool wellFormed, bytes32 root) {
        return Rfc6962.rootFromInclusionProof(leafHash, index, size, proof);
    }
}
