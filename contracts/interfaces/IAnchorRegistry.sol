// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Registry of the anchored heads of append-only logs
/// @notice Keeps one head (size and Merkle root) per log and moves it forward only over a proof that the new tree
/// contains the old one unchanged. Implements section 8 of docs/spec/formats.md; the trees are those of RFC 6962
/// with SHA-256.
///
/// What an anchor means: the tree with this root and this size existed when the block was made, and it extends every
/// head that this contract accepted for this log before. What it does not mean: that the entries are true, or that
/// they can be obtained from anyone. Roots are opaque to this contract; it stores nothing else.
///
/// Each log has its own owner and its own submitters. Nobody stands above them: there is no contract-wide owner, no
/// upgrade, no fee, and no function that lets one log's owner touch another log. Not even a log's owner can move its
/// head back, replace it, or delete it.
interface IAnchorRegistry {
    /// @notice The last accepted head of a log. All members are zero while nothing was anchored.
    /// @param root RFC 6962 root hash of the tree's first `size` leaves
    /// @param size number of leaves, 1 to 2^63 - 1
    /// @param time timestamp of the block that accepted the head, in seconds since 1970
    /// @param blockNumber number of that block
    struct Head {
        bytes32 root;
        uint64 size;
        uint64 time;
        uint64 blockNumber;
    }

    // ---------------------------------------------------------------------------------------------------- events

    /// @notice A log's head moved to `size` and `root`. This event is the anchor: verifiers look for exactly it.
    event HeadAnchored(bytes32 indexed logId, uint64 indexed size, bytes32 root);

    /// @notice `logId` was taken by `owner`.
    event LogRegistered(bytes32 indexed logId, address indexed owner);

    /// @notice `submitter` may anchor `logId` from now on.
    event SubmitterAdded(bytes32 indexed logId, address indexed submitter);

    /// @notice `submitter` may no longer anchor `logId`.
    event SubmitterRemoved(bytes32 indexed logId, address indexed submitter);

    /// @notice `owner` offered the log to `pendingOwner`, or withdrew its offer when `pendingOwner` is zero.
    event LogOwnershipTransferStarted(bytes32 indexed logId, address indexed owner, address indexed pendingOwner);

    /// @notice The log changed hands.
    event LogOwnershipTransferred(bytes32 indexed logId, address indexed previousOwner, address indexed newOwner);

    /// @notice Anchoring of `logId` was stopped by its owner.
    event LogPaused(bytes32 indexed logId, address indexed owner);

    /// @notice Anchoring of `logId` goes on.
    event LogUnpaused(bytes32 indexed logId, address indexed owner);

    // ---------------------------------------------------------------------------------------------------- errors

    /// @notice Thrown when `logId` is registered a second time. `owner` has it.
    error AnchorLogAlreadyRegistered(bytes32 logId, address owner);

    /// @notice Thrown when a call that changes something names a log that nobody registered.
    error AnchorLogUnknown(bytes32 logId);

    /// @notice Thrown when `caller` administers a log that it does not own.
    error AnchorNotLogOwner(bytes32 logId, address caller);

    /// @notice Thrown when `caller` accepts a log that was not offered to it.
    error AnchorNotPendingOwner(bytes32 logId, address caller);

    /// @notice Thrown when `caller` anchors without being a submitter of the log (the owner is none unless added), and
    /// when an account is removed that is no submitter; then `caller` is that account.
    error AnchorNotSubmitter(bytes32 logId, address caller);

    /// @notice Thrown when an account is added that already is a submitter of the log.
    error AnchorAlreadySubmitter(bytes32 logId, address submitter);

    /// @notice Thrown when the zero address is named as a submitter.
    error AnchorZeroSubmitter(bytes32 logId);

    /// @notice Thrown by `anchor` and `pauseLog` while the log is paused.
    error AnchorPaused(bytes32 logId);

    /// @notice Thrown by `unpauseLog` while the log is not paused.
    error AnchorNotPaused(bytes32 logId);

    /// @notice Thrown when the size to anchor is 0 or above 2^63 - 1.
    error AnchorSizeOutOfRange(bytes32 logId, uint64 size);

    /// @notice Thrown when the size to anchor is below the stored one: the log was cut or an old backup is speaking.
    error AnchorSizeShrinks(bytes32 logId, uint64 storedSize, uint64 size);

    /// @notice Thrown when the size to anchor is the stored one but the root is another: two histories of one log.
    error AnchorRootConflict(bytes32 logId, uint64 size, bytes32 storedRoot, bytes32 root);

    /// @notice Thrown when the first anchor of a log comes with a proof; there is nothing yet that it could speak of.
    error AnchorUnexpectedProof(bytes32 logId, uint256 length);

    /// @notice Thrown when the consistency proof, whose length is right, does not lead to both roots. From the proof
    /// follow `computedStoredRoot` for the stored size and `computedRoot` for the new one. Unless the proof itself is
    /// wrong, the history was rewritten.
    error AnchorHistoryRewritten(
        bytes32 logId,
        bytes32 storedRoot,
        bytes32 computedStoredRoot,
        bytes32 root,
        bytes32 computedRoot
    );

    // ------------------------------------------------------------------------------------------------- anchoring

    /// @notice Moves the head of a log to (`size`, `root`).
    ///
    /// - First anchor of the log: any root, `proof` empty.
    /// - Larger size: `proof` is the consistency proof of RFC 9162 section 2.1.4 from the stored head to the new one.
    ///   It is read to its last hash: a proof that is too short or too long is refused like a wrong one.
    /// - Exactly the stored head: nothing happens and no event is emitted, so that the same transaction can be sent
    ///   again after a lost answer. `proof` is not looked at: the retry carries that of the first try.
    /// - Anything else is refused.
    ///
    /// Emits {HeadAnchored} when the head moved.
    ///
    /// WARNING: the first anchor is taken on trust. What was before it is shown by the log's own proofs, not here.
    /// @param logId SHA-256 of the log's origin; the caller must be one of its submitters
    /// @param size number of leaves of the new tree, 1 to 2^63 - 1
    /// @param root root hash of the new tree
    /// @param proof the consistency proof's hashes, in the order of the RFC; at most 64
    function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata proof) external;

    // --------------------------------------------------------------------------------------------------- reading

    /// @notice The last accepted head. Never reverts; zero for a log that was never registered or anchored.
    function head(bytes32 logId) external view returns (Head memory);

    /// @notice Whether `leafHash` is the leaf at `index` of the tree whose head is stored now. Never reverts for a
    /// wrong proof: false for every index, length or hash that does not fit, and while nothing is anchored.
    ///
    /// WARNING: the answer is about the *current* head. A proof made for an earlier size becomes false with the next
    /// anchor, although its entry is still there. Take the proof for `head(logId).size`, in the same block.
    ///
    /// WARNING: this binds a hash to a position, not an entry to a hash. Whoever wants to know that an *entry* is in
    /// the log computes `leafHash` from it (SHA-256 of the octet 0x00 and the entry) and takes it from nobody.
    /// @param proof sibling hashes from the leaf upwards, as in RFC 9162 section 2.1.3
    function verifyInclusion(
        bytes32 logId,
        bytes32 leafHash,
        uint64 index,
        bytes32[] calldata proof
    ) external view returns (bool);

    /// @notice Whether `account` may anchor the log (while it is not paused).
    function isSubmitter(bytes32 logId, address account) external view returns (bool);

    /// @notice All accounts that may anchor the log, in no particular order. For people and off-chain programs.
    function submittersOf(bytes32 logId) external view returns (address[] memory);

    /// @notice The log's owner; zero when nobody registered it.
    function ownerOf(bytes32 logId) external view returns (address);

    /// @notice The account that may take the log over; zero when it was offered to nobody.
    function pendingOwnerOf(bytes32 logId) external view returns (address);

    /// @notice Whether the owner stopped the anchoring of the log. Reading is never stopped.
    function isPaused(bytes32 logId) external view returns (bool);

    // -------------------------------------------------------------------------------------------- administration

    /// @notice Takes a free `logId` for the caller and allows `submitter` (who may be the caller) to anchor it. Emits
    /// {LogRegistered} and {SubmitterAdded}.
    ///
    /// WARNING: first come, first served. Nothing here can know who is entitled to an origin, so register before it is
    /// published. A stranger's registration can neither forge nor break anything: a proof also needs the log's
    /// checkpoint. It does force the log to use another contract.
    function registerLog(bytes32 logId, address submitter) external;

    /// @notice Allows one more account to anchor. Only the log's owner. Emits {SubmitterAdded}. To replace a key, add
    /// the new one and remove the old one, in one transaction with `multicall` if need be.
    function addSubmitter(bytes32 logId, address submitter) external;

    /// @notice Forbids an account to anchor. Only the log's owner. Emits {SubmitterRemoved}. The last one may go, too:
    /// nothing is anchored then until another is added.
    function removeSubmitter(bytes32 logId, address submitter) external;

    /// @notice Offers the log to `newOwner`, who must accept it. Only the log's owner, who keeps all rights until
    /// then. A new offer replaces the last one; the zero address withdraws it. Emits {LogOwnershipTransferStarted}.
    function transferLogOwnership(bytes32 logId, address newOwner) external;

    /// @notice Takes over a log that was offered to the caller. Emits {LogOwnershipTransferred}. The submitters stay:
    /// a new owner looks at `submittersOf` and removes those it does not trust.
    function acceptLogOwnership(bytes32 logId) external;

    /// @notice Stops anchoring, for instance while a submitter's key may be stolen. Only the log's owner, to whom all
    /// other administration stays open. Emits {LogPaused}.
    function pauseLog(bytes32 logId) external;

    /// @notice Ends a pause. Only the log's owner. Emits {LogUnpaused}.
    function unpauseLog(bytes32 logId) external;
}
