// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc6962Harness} from "./Rfc6962Harness.sol";

/// @title Fuzz tests of {Rfc6962} inside the EVM
/// @notice Compares with the recursive definitions of RFC 9162 section 2.1, written down here once more in Solidity,
/// with the compiler's own SHA-256. Run by `hardhat test solidity` and by test/contracts/solidity-fuzz.test.ts.
contract Rfc6962Test {
    Rfc6962Harness private immutable _HARNESS = new Rfc6962Harness();

    /// @dev Filled by {_prove}; a proof of trees of this size is never longer.
    bytes32[] private _proof;

    /// @notice A node hash is SHA-256 of 0x01 and both children.
    function testFuzzNodeHash(bytes32 left, bytes32 right) external view {
        assert(_HARNESS.nodeHash(left, right) == _node(left, right));
    }

    /// @notice Every honest consistency proof leads to both roots.
    function testFuzzConsistencyProofLeadsToBothRoots(bytes32 seed, uint64 a, uint64 b) external {
        (uint64 size1, uint64 size2) = _sizes(a, b);
        _prove(seed, size1, 0, size2, true);
        (bytes32 root1, bytes32 root2) = (_root(seed, 0, size1), _root(seed, 0, size2));
        (bytes32 computed1, bytes32 computed2) = _HARNESS.rootsFromConsistencyProof(size1, size2, root1, _proof);
        assert(computed1 == root1 && computed2 == root2);
    }

    /// @notice A consistency proof with one other hash leads elsewhere.
    function testFuzzDamagedConsistencyProof(bytes32 seed, uint64 a, uint64 b, uint256 at, bytes32 damage) external {
        (uint64 size1, uint64 size2) = _sizes(a, b);
        _prove(seed, size1, 0, size2, true);
        at %= _proof.length;
        if (damage == 0) damage = bytes32(uint256(1));
        _proof[at] ^= damage;
        (bytes32 root1, bytes32 root2) = (_root(seed, 0, size1), _root(seed, 0, size2));
        (bytes32 computed1, bytes32 computed2) = _HARNESS.rootsFromConsistencyProof(size1, size2, root1, _proof);
        assert(computed1 != root1 || computed2 != root2);
    }

    /// @notice A consistency proof with a hash more or less is refused for its length.
    function testFuzzConsistencyProofOfWrongLength(bytes32 seed, uint64 a, uint64 b, bytes32 extra) external {
        (uint64 size1, uint64 size2) = _sizes(a, b);
        _prove(seed, size1, 0, size2, true);
        bytes32 root1 = _root(seed, 0, size1);
        _proof.push(extra);
        assert(!_isWellFormed(size1, size2, root1));
        _proof.pop();
        assert(_isWellFormed(size1, size2, root1));
        _proof.pop();
        assert(!_isWellFormed(size1, size2, root1));
    }

    /// @notice Random hashes prove nothing, for sizes of any magnitude.
    function testFuzzInventedConsistencyProof(
        uint64 size1,
        uint64 size2,
        bytes32 root1,
        bytes32 root2,
        bytes32[] calldata proof
    ) external view {
        try _HARNESS.rootsFromConsistencyProof(size1, size2, root1, proof) returns (
            bytes32 computed1,
            bytes32 computed2
        ) {
            assert(computed1 != root1 || computed2 != root2);
            assert(0 < size1 && size1 < size2 && size2 < 2 ** 63 && proof.length <= 64);
        } catch (bytes memory reason) {
            // One of the library's two errors, and neither a panic nor an empty revert.
            assert(reason.length == 4 + 32 * 2 || reason.length == 4 + 32 * 3);
        }
    }

    /// @notice Every leaf of every tree is found, at its own index only.
    function testFuzzInclusionProof(bytes32 seed, uint64 a, uint64 b, uint64 other) external {
        uint64 size = 1 + (a % 200);
        uint64 index = b % size;
        _path(seed, index, 0, size);
        bytes32 root = _root(seed, 0, size);
        bytes32 leaf = _leaf(seed, index);
        (bool wellFormed, bytes32 computed) = _HARNESS.rootFromInclusionProof(leaf, index, size, _proof);
        assert(wellFormed && computed == root);

        if (other == index) return;
        (wellFormed, computed) = _HARNESS.rootFromInclusionProof(leaf, other, size, _proof);
        assert(!wellFormed || computed != root);
    }

    /// @notice Never reverts, whatever it is given.
    function testFuzzInventedInclusionProof(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof
    ) external view {
        (bool wellFormed, ) = _HARNESS.rootFromInclusionProof(leaf, index, size, proof);
        assert(!wellFormed || (index < size && size < 2 ** 63 && proof.length <= 63));
    }

    /// @dev PROOF(m, D[start : start + count]) of section 2.1.4.1, appended to {_proof}.
    function _prove(bytes32 seed, uint64 m, uint64 start, uint64 count, bool whole) private {
        if (m == count) {
            if (!whole) _proof.push(_root(seed, start, count));
            return;
        }
        uint64 k = _split(count);
        if (m <= k) {
            _prove(seed, m, start, k, whole);
            _proof.push(_root(seed, start + k, count - k));
        } else {
            _prove(seed, m - k, start + k, count - k, false);
            _proof.push(_root(seed, start, k));
        }
    }

    /// @dev PATH(m, D[start : start + count]) of section 2.1.3.1, appended to {_proof}.
    function _path(bytes32 seed, uint64 m, uint64 start, uint64 count) private {
        if (count == 1) return;
        uint64 k = _split(count);
        if (m < k) {
            _path(seed, m, start, k);
            _proof.push(_root(seed, start + k, count - k));
        } else {
            _path(seed, m - k, start + k, count - k);
            _proof.push(_root(seed, start, k));
        }
    }

    function _isWellFormed(uint64 size1, uint64 size2, bytes32 root1) private view returns (bool) {
        try _HARNESS.rootsFromConsistencyProof(size1, size2, root1, _proof) returns (bytes32, bytes32) {
            return true;
        } catch {
            return false;
        }
    }

    /// @dev MTH(D[start : start + count]) of section 2.1.1.
    function _root(bytes32 seed, uint64 start, uint64 count) private pure returns (bytes32) {
        if (count == 1) return _leaf(seed, start);
        uint64 k = _split(count);
        return _node(_root(seed, start, k), _root(seed, start + k, count - k));
    }

    function _leaf(bytes32 seed, uint64 index) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), seed, index));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @dev The largest power of two below n.
    function _split(uint64 n) private pure returns (uint64 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    function _sizes(uint64 a, uint64 b) private pure returns (uint64 size1, uint64 size2) {
        size2 = 2 + (b % 120);
        size1 = 1 + (a % (size2 - 1));
    }
}
