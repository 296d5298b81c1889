// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What a log's state holds beside its root, packed by hand into one storage slot:
///
///     bits   0..63   size          leaves of the stored tree, 0 while nothing is anchored
///     bits  64..127  time          timestamp of the block that stored it
///     bits 128..191  blockNumber   number of that block
///     bit  192       paused
///
/// By hand, because the compiler writes a struct of these members with two `SSTORE` and two more `SLOAD` (measured on a
/// first anchor: 72,592 gas with the struct, 71,839 so). The rest of the code sees names, not bits.
type LogStatus is uint256;

using LogStatusLib for LogStatus global;

/// @title The members of a {LogStatus}
/// @notice The narrowing conversions cut off the members above on purpose.
library LogStatusLib {
    uint256 private constant _PAUSED_BIT = 1 << 192;

    /// @notice The status of a log that is not paused.
    function pack(uint64 size_, uint64 time_, uint64 blockNumber_) internal pure returns (LogStatus) {
        return LogStatus.wrap(uint256(size_) | (uint256(time_) << 64) | (uint256(blockNumber_) << 128));
    }

    /// @notice Leaves of the stored tree; 0 while nothing is anchored.
    function size(LogStatus self) internal pure returns (uint64) {
        return uint64(LogStatus.unwrap(self));
    }

    /// @notice Timestamp of the block that stored the head.
    function time(LogStatus self) internal pure returns (uint64) {
        return uint64(LogStatus.unwrap(self) >> 64);
    }

    /// @notice Number of the block that stored the head.
    function blockNumber(LogStatus self) internal pure returns (uint64) {
        return uint64(LogStatus.unwrap(self) >> 128);
    }

    /// @notice Whether anchoring is stopped.
    function isPaused(LogStatus self) internal pure returns (bool) {
        return LogStatus.unwrap(self) & _PAUSED_BIT != 0;
    }

    /// @notice The same status, paused or not.
    function withPaused(LogStatus self, bool paused) internal pure returns (LogStatus) {
        uint256 cleared = LogStatus.unwrap(self) & ~_PAUSED_BIT;
        return LogStatus.wrap(paused ? cleared | _PAUSED_BIT : cleared);
    }
}
