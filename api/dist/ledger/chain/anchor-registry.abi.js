// The part of AnchorRegistry's interface that the service calls. test/architecture compares it with the contract's ABI.
export const ANCHOR_REGISTRY_ABI = [
    'function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] proof)',
    'function head(bytes32 logId) view returns (tuple(bytes32 root, uint64 size, uint64 time, uint64 blockNumber))',
    'function ownerOf(bytes32 logId) view returns (address)',
    'function isSubmitter(bytes32 logId, address account) view returns (bool)',
    'function isPaused(bytes32 logId) view returns (bool)',
    'event HeadAnchored(bytes32 indexed logId, uint64 indexed size, bytes32 root)',
    'error AnchorLogUnknown(bytes32 logId)',
    'error AnchorNotSubmitter(bytes32 logId, address caller)',
    'error AnchorPaused(bytes32 logId)',
    'error AnchorSizeOutOfRange(bytes32 logId, uint64 size)',
    'error AnchorSizeShrinks(bytes32 logId, uint64 storedSize, uint64 size)',
    'error AnchorRootConflict(bytes32 logId, uint64 size, bytes32 storedRoot, bytes32 root)',
    'error AnchorUnexpectedProof(bytes32 logId, uint256 length)',
    'error AnchorHistoryRewritten(bytes32 logId, bytes32 storedRoot, bytes32 computedStoredRoot, bytes32 root, bytes32 computedRoot)',
];
//# sourceMappingURL=anchor-registry.abi.js.map