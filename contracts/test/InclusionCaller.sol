// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorRegistry} from "../interfaces/IAnchorRegistry.sol";

/// @title A contract that asks the registry about an entry, for the gas snapshot only
/// @notice A transaction to `verifyInclusion` itself would show the price floor of its calldata, not of the work.
contract InclusionCaller {
    /// @notice What the call costs a contract that has not touched the registry in this transaction.
    function measure(
        IAnchorRegistry registry,
        bytes32 logId,
        bytes32 leafHash,
        uint64 index,
        bytes32[] calldata proof
    ) external view returns (bool included, uint256 gasUsed) {
        uint256 before = gasleft();
        included = registry.verifyInclusion(logId, leafHash, index, proof);
        gasUsed = before - gasleft();
    }
}
