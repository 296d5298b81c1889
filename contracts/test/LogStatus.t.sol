// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogStatus, LogStatusLib} from "../types/LogStatus.sol";

/// @title Fuzz tests of {LogStatus}
/// @notice What goes into the packed slot comes out again, and no member touches another.
contract LogStatusTest {
    /// @notice Packing keeps every member, and starts unpaused.
    function testFuzzPack(uint64 size, uint64 time, uint64 blockNumber) external pure {
        _check(LogStatusLib.pack(size, time, blockNumber), size, time, blockNumber, false);
    }

    /// @notice Pausing and unpausing change that one bit.
    function testFuzzPaused(uint64 size, uint64 time, uint64 blockNumber, bool first, bool second) external pure {
        LogStatus status = LogStatusLib.pack(size, time, blockNumber).withPaused(first);
        _check(status, size, time, blockNumber, first);
        _check(status.withPaused(second), size, time, blockNumber, second);
    }

    /// @notice An untouched slot is a log without a head, not paused.
    function testZero() external pure {
        _check(LogStatus.wrap(0), 0, 0, 0, false);
    }

    function _check(LogStatus status, uint64 size, uint64 time, uint64 blockNumber, bool paused) private pure {
        assert(status.size() == size);
        assert(status.time() == time);
        assert(status.blockNumber() == blockNumber);
        assert(status.isPaused() == paused);
    }
}
