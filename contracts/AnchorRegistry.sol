// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IAnchorRegistry} from "./interfaces/IAnchorRegistry.sol";
import {Rfc6962} from "./libraries/Rfc6962.sol";
import {LogStatus, LogStatusLib} from "./types/LogStatus.sol";

/// @title Registry of the anchored heads of append-only logs
/// @notice What each function promises is said in {IAnchorRegistry}, how a proof is computed in {Rfc6962}. Several
/// calls of one account, for instance an anchor for each of several logs, fit into one transaction with `multicall`;
/// all of them happen or none.
/// @dev Holds no ether and calls no other contract but the SHA-256 precompile, so there is nothing to re-enter.
contract AnchorRegistry is IAnchorRegistry, Multicall {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @dev A log exists when it has an owner. An anchor reads three slots (the caller's place in `submitters`,
    /// `status`, `root`) and writes two.
    struct Log {
        bytes32 root;
        LogStatus status;
        address owner;
        address pendingOwner;
        EnumerableSet.AddressSet submitters;
    }

    mapping(bytes32 logId => Log log) private _logs;

    modifier onlyLogOwner(bytes32 logId) {
        _checkLogOwner(logId);
        _;
    }

    /// @inheritdoc IAnchorRegistry
    function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata proof) external {
        Log storage log = _logs[logId];
        if (!log.submitters.contains(msg.sender)) {
            require(log.owner != address(0), AnchorLogUnknown(logId));
            revert AnchorNotSubmitter(logId, msg.sender);
        }
        LogStatus stored = log.status;
        require(!stored.isPaused(), AnchorPaused(logId));
        require(size != 0 && size <= Rfc6962.MAX_SIZE, AnchorSizeOutOfRange(logId, size));
        uint64 storedSize = stored.size();
        require(size >= storedSize, AnchorSizeShrinks(logId, storedSize, size));

        if (storedSize == 0) {
            require(proof.length == 0, AnchorUnexpectedProof(logId, proof.length));
        } else {
            bytes32 storedRoot = log.root;
            if (size == storedSize) {
                require(root == storedRoot, AnchorRootConflict(logId, size, storedRoot, root));
                return;
            }
            (bytes32 computed1, bytes32 computed2) = Rfc6962.rootsFromConsistencyProof(
                storedSize,
                size,
                storedRoot,
                proof
            );
            require(
                computed1 == storedRoot && computed2 == root,
                AnchorHistoryRewritten(logId, storedRoot, computed1, root, computed2)
            );
        }

        log.root = root;
        // Not paused, as was checked, so the whole slot can be written anew.
        log.status = LogStatusLib.pack(size, SafeCast.toUint64(block.timestamp), SafeCast.toUint64(block.number));
        emit HeadAnchored(logId, size, root);
    }

    /// @inheritdoc IAnchorRegistry
    function head(bytes32 logId) external view returns (Head memory) {
        Log storage log = _logs[logId];
        LogStatus status = log.status;
        return Head({root: log.root, size: status.size(), time: status.time(), blockNumber: status.blockNumber()});
    }

    /// @inheritdoc IAnchorRegistry
    function verifyInclusion(
        bytes32 logId,
        bytes32 leafHash,
        uint64 index,
        bytes32[] calldata proof
    ) external view returns (bool) {
        Log storage log = _logs[logId];
        (bool wellFormed, bytes32 root) = Rfc6962.rootFromInclusionProof(leafHash, index, log.status.size(), proof);
        return wellFormed && root == log.root;
    }

    /// @inheritdoc IAnchorRegistry
    function isSubmitter(bytes32 logId, address account) external view returns (bool) {
        return _logs[logId].submitters.contains(account);
    }

    /// @inheritdoc IAnchorRegistry
    function submittersOf(bytes32 logId) external view returns (address[] memory) {
        return _logs[logId].submitters.values();
    }

    /// @inheritdoc IAnchorRegistry
    function ownerOf(bytes32 logId) external view returns (address) {
        return _logs[logId].owner;
    }

    /// @inheritdoc IAnchorRegistry
    function pendingOwnerOf(bytes32 logId) external view returns (address) {
        return _logs[logId].pendingOwner;
    }

    /// @inheritdoc IAnchorRegistry
    function isPaused(bytes32 logId) external view returns (bool) {
        return _logs[logId].status.isPaused();
    }

    /// @inheritdoc IAnchorRegistry
    function registerLog(bytes32 logId, address submitter) external {
        Log storage log = _logs[logId];
        require(log.owner == address(0), AnchorLogAlreadyRegistered(logId, log.owner));
        log.owner = msg.sender;
        emit LogRegistered(logId, msg.sender);
        _addSubmitter(logId, submitter);
    }

    /// @inheritdoc IAnchorRegistry
    function addSubmitter(bytes32 logId, address submitter) external onlyLogOwner(logId) {
        _addSubmitter(logId, submitter);
    }

    /// @inheritdoc IAnchorRegistry
    function removeSubmitter(bytes32 logId, address submitter) external onlyLogOwner(logId) {
        require(_logs[logId].submitters.remove(submitter), AnchorNotSubmitter(logId, submitter));
        emit SubmitterRemoved(logId, submitter);
    }

    /// @inheritdoc IAnchorRegistry
    function transferLogOwnership(bytes32 logId, address newOwner) external onlyLogOwner(logId) {
        _logs[logId].pendingOwner = newOwner;
        emit LogOwnershipTransferStarted(logId, msg.sender, newOwner);
    }

    /// @inheritdoc IAnchorRegistry
    function acceptLogOwnership(bytes32 logId) external {
        Log storage log = _logs[logId];
        address previousOwner = log.owner;
        require(previousOwner != address(0), AnchorLogUnknown(logId));
        require(log.pendingOwner == msg.sender, AnchorNotPendingOwner(logId, msg.sender));
        delete log.pendingOwner;
        log.owner = msg.sender;
        emit LogOwnershipTransferred(logId, previousOwner, msg.sender);
    }

    /// @inheritdoc IAnchorRegistry
    function pauseLog(bytes32 logId) external onlyLogOwner(logId) {
        Log storage log = _logs[logId];
        require(!log.status.isPaused(), AnchorPaused(logId));
        log.status = log.status.withPaused(true);
        emit LogPaused(logId, msg.sender);
    }

    /// @inheritdoc IAnchorRegistry
    function unpauseLog(bytes32 logId) external onlyLogOwner(logId) {
        Log storage log = _logs[logId];
        require(log.status.isPaused(), AnchorNotPaused(logId));
        log.status = log.status.withPaused(false);
        emit LogUnpaused(logId, msg.sender);
    }

    function _addSubmitter(bytes32 logId, address submitter) private {
        require(submitter != address(0), AnchorZeroSubmitter(logId));
        require(_logs[logId].submitters.add(submitter), AnchorAlreadySubmitter(logId, submitter));
        emit SubmitterAdded(logId, submitter);
    }

    function _checkLogOwner(bytes32 logId) private view {
        address owner = _logs[logId].owner;
        require(owner != address(0), AnchorLogUnknown(logId));
        require(owner == msg.sender, AnchorNotLogOwner(logId, msg.sender));
    }
}
