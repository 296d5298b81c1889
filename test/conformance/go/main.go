// Command conformance checks what a MedAnchor log publishes with an implementation that is not ours: the Go project's
// golang.org/x/mod/sumdb/tlog (RFC 6962 trees, tiles and proofs) and sumdb/note (signed notes). It reads a folder that a
// test has filled over HTTP, and nothing else:
//
//	vkey                    the log's verifier key
//	checkpoint              the latest signed checkpoint
//	tile/<L>/<N>[.p/<W>]    hash tiles of that tree, as C2SP tlog-tiles names them
//	tile/entries/<N>[.p/<W>] entry bundles
//	proofs/*.tlog-proof     C2SP inclusion proofs, each with its own checkpoint
//	consistency.json        proofs between anchored sizes, as they were sent to the contract
//
// It ends with 0 and one line per kind of check, or with 1 and the first fault.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// C2SP tiles are 256 wide; tlog calls that height 8.
const height = 8

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folder string) error {
	log, err := openLog(folder)
	if err != nil {
		return err
	}
	head, err := log.checkpoint("checkpoint")
	if err != nil {
		return err
	}
	fmt.Printf("checkpoint: size %d of %s, signed\n", head.N, log.verifier.Name())

	entries, err := readEntries(folder, head.N)
	if err != nil {
		return err
	}
	hashes, err := store(entries)
	if err != nil {
		return err
	}
	if err := checkRoot("the tree of the entries", head, hashes); err != nil {
		return err
	}
	fmt.Printf("entries: %d, a tree built from them alone has the checkpoint's root\n", len(entries))

	if err := checkRoot("the tree of the tiles", head, tlog.TileHashReader(head, tiles{folder})); err != nil {
		return err
	}
	count, err := checkTiles(folder, head, hashes)
	if err != nil {
		return err
	}
	fmt.Printf("tiles: %d, each as computed from the entries\n", count)

	inclusions, err := log.checkInclusions(entries)
	if err != nil {
		return err
	}
	fmt.Printf("inclusion: %d proofs\n", inclusions)

	consistencies, err := log.checkConsistencies(hashes)
	if err != nil {
		return err
	}
	fmt.Printf("consistency: %d proofs\n", consistencies)
	return nil
}

type logFolder struct {
	folder   string
	verifier note.Verifier
}

func openLog(folder string) (*logFolder, error) {
	vkey, err := os.ReadFile(filepath.Join(folder, "vkey"))
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return nil, fmt.Errorf("vkey: %w", err)
	}
	return &logFolder{folder, verifier}, nil
}

func (l *logFolder) checkpoint(name string) (tlog.Tree, error) {
	text, err := os.ReadFile(filepath.Join(l.folder, name))
	if err != nil {
		return tlog.Tree{}, err
	}
	return l.open(name, text)
}

// open checks the signature and reads the three lines of a C2SP checkpoint: origin, size, root.
func (l *logFolder) open(name string, text []byte) (tlog.Tree, error) {
	opened, err := note.Open(text, note.VerifierList(l.verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("%s: %w", name, err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("%s: %d lines, wanted origin, size and root", name, len(lines)-1)
	}
	if lines[0] != l.verifier.Name() {
		return tlog.Tree{}, fmt.Errorf("%s: origin %q, the key is of %q", name, lines[0], l.verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 {
		return tlog.Tree{}, fmt.Errorf("%s: size %q is not canonical", name, lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("%s: root: %w", name, err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// tiles reads C2SP tile files for tlog, whose paths also name the height: tile/8/0/001 there is tile/0/001 here.
type tiles struct{ folder string }

func (t tiles) Height() int { return height }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range wanted {
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		octets, err := os.ReadFile(filepath.Join(t.folder, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		data = append(data, octets)
	}
	return data, nil
}

// SaveTiles is where a client would keep tiles that tlog has found to belong to the tree.
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func readEntries(folder string, size int64) ([][]byte, error) {
	var entries [][]byte
	for at := int64(0); at < size; at += 1 << height {
		width := int64(1) << height
		if size-at < width {
			width = size - at
		}
		tile := tlog.Tile{H: height, L: -1, N: at >> height, W: int(width)}
		path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
		bundle, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		for len(bundle) > 0 {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
				return nil, fmt.Errorf("%s: an entry is cut off", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			entries = append(entries, bundle[2:end])
			bundle = bundle[end:]
		}
		if int64(len(entries)) != at+width {
			return nil, fmt.Errorf("%s: %d entries, wanted %d", path, int64(len(entries))-at, width)
		}
	}
	return entries, nil
}

// stored is the flat list of hashes that tlog keeps for a tree.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, errors.New("no such hash")
		}
		hashes = append(hashes, s[index])
	}
	return hashes, nil
}

func store(entries [][]byte) (stored, error) {
	var all stored
	for index, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(index), entry, all)
		if err != nil {
			return nil, err
		}
		all = append(all, hashes...)
	}
	return all, nil
}

func checkRoot(what string, head tlog.Tree, hashes tlog.HashReader) error {
	root, err := tlog.TreeHash(head.N, hashes)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if root != head.Hash {
		return fmt.Errorf("%s has root %s, the checkpoint says %s", what, root, head.Hash)
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

// checkTiles compares every tile octet by octet. (tlog.TileHashReader alone looks only at the tiles on the way to what it
// is asked for, and older versions of it do not authenticate all of these.)
func checkTiles(folder string, head tlog.Tree, hashes stored) (int, error) {
	var wanted []tlog.Tile
	for level := 0; head.N>>(height*level) > 0; level++ {
		for width, n := head.N>>(height*level), int64(0); width > 0; width, n = width-1<<height, n+1 {
			wanted = append(wanted, tlog.Tile{H: height, L: level, N: n, W: int(min(width, 1<<height))})
		}
	}
	published, err := tiles{folder}.ReadTiles(wanted)
	if err != nil {
		return 0, err
	}
	for i, tile := range wanted {
		computed, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(computed, published[i]) {
			return 0, fmt.Errorf("%s is not what the entries hash to", tile.Path())
		}
	}
	return len(wanted), nil
}

func (l *logFolder) checkInclusions(entries [][]byte) (int, error) {
	names, err := filepath.Glob(filepath.Join(l.folder, "proofs", "*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	sort.Strings(names)
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		if err := l.checkInclusion(filepath.Base(name), string(text), entries); err != nil {
			return 0, err
		}
	}
	if len(names) == 0 {
		return 0, errors.New("no inclusion proof to check")
	}
	return len(names), nil
}

// checkInclusion reads a C2SP tlog-proof: header, index, hashes, an empty line, the signed checkpoint.
func (l *logFolder) checkInclusion(name, text string, entries [][]byte) error {
	before, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(before, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return fmt.Errorf("%s: not a tlog-proof", name)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	proof := tlog.RecordProof{}
	for _, line := range lines[2:] {
		octets, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(octets) != tlog.HashSize {
			return fmt.Errorf("%s: %q is no hash", name, line)
		}
		var hash tlog.Hash
		copy(hash[:], octets)
		proof = append(proof, hash)
	}
	tree, err := l.open(name, []byte(checkpoint))
	if err != nil {
		return err
	}
	if index >= int64(len(entries)) {
		return fmt.Errorf("%s: index %d is beyond the entries", name, index)
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entries[index])); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

type consistency struct {
	OldSize string   `json:"oldSize"`
	OldRoot string   `json:"oldRoot"`
	NewSize string   `json:"newSize"`
	NewRoot string   `json:"newRoot"`
	Proof   []string `json:"proof"`
}

// checkConsistencies checks each proof, and that both of its roots are those of the entries' own tree.
func (l *logFolder) checkConsistencies(hashes stored) (int, error) {
	text, err := os.ReadFile(filepath.Join(l.folder, "consistency.json"))
	if err != nil {
		return 0, err
	}
	var all []consistency
	if err := json.Unmarshal(text, &all); err != nil {
		return 0, err
	}
	for _, one := range all {
		old, err := readTree(one.OldSize, one.OldRoot)
		if err != nil {
			return 0, err
		}
		grown, err := readTree(one.NewSize, one.NewRoot)
		if err != nil {
			return 0, err
		}
		proof := tlog.TreeProof{}
		for _, text := range one.Proof {
			hash, err := readHash(text)
			if err != nil {
				return 0, err
			}
			proof = append(proof, hash)
		}
		if err := tlog.CheckTree(proof, grown.N, grown.Hash, old.N, old.Hash); err != nil {
			return 0, fmt.Errorf("consistency from %d to %d: %w", old.N, grown.N, err)
		}
		for _, tree := range []tlog.Tree{old, grown} {
			root, err := tlog.TreeHash(tree.N, hashes)
			if err != nil {
				return 0, err
			}
			if root != tree.Hash {
				return 0, fmt.Errorf("the anchored root of size %d is not that of the entries", tree.N)
			}
		}
	}
	if len(all) == 0 {
		return 0, errors.New("no consistency proof to check")
	}
	return len(all), nil
}

func readTree(size, root string) (tlog.Tree, error) {
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := readHash(root)
	return tlog.Tree{N: n, Hash: hash}, err
}

func readHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	octets, err := hex.DecodeString(text)
	if err != nil || len(octets) != tlog.HashSize {
		return hash, fmt.Errorf("%q is no hash", text)
	}
	copy(hash[:], octets)
	return hash, nil
}
