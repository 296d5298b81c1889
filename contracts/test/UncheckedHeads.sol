// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Heads that anybody trusted may overwrite: the gas baseline, for tests only
/// @notice Does the same bookkeeping as an anchor (one look at the caller, a root and a packed slot written, the same
/// event) without asking for a proof. The difference in gas is the price of refusing a rewritten history.
contract UncheckedHeads {
    struct Status {
        uint64 size;
        uint64 time;
        uint64 blockNumber;
    }

    /// @notice The same event as the registry's, since its cost is part of the comparison.
    event HeadAnchored(bytes32 indexed logId, uint64 indexed size, bytes32 root);

    error NotSubmitter(address caller);

    mapping(bytes32 logId => bytes32 root) private _roots;
    mapping(bytes32 logId => Status status) private _status;
    mapping(bytes32 logId => mapping(address account => bool yes)) private _submitters;

    /// @notice Lets the caller update `logId`.
    function register(bytes32 logId) external {
        _submitters[logId][msg.sender] = true;
    }

    /// @notice Overwrites the head of `logId`.
    function update(bytes32 logId, uint64 size, bytes32 root) external {
        require(_submitters[logId][msg.sender], NotSubmitter(msg.sender));
        _roots[logId] = root;
        _status[logId] = Status({size: size, time: uint64(block.timestamp), blockNumber: uint64(block.number)});
        emit HeadAnchored(logId, size, root);
    }
}
