#!/usr/bin/env python3
"""A second verifier of Tandem's log, written from store/AUDIT.md and store/FORMAT.md alone.

  second_verifier.py log DIR [--key PUB] [--checkpoint FILE]   an export: signature, entries, tiles, root, gapless sequences, blocks
  second_verifier.py proof FILE DIR [--key PUB]                a proof of inclusion, of an entry in the export
  second_verifier.py consistency FILE [--key PUB] [--checkpoint FILE]

Needs nothing but Python and the program openssl. Exit code 1, and the reason, when something is not as it was written.
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile

TILE = 256


class Bad(Exception):
    pass


def need(holds, why):
    if not holds:
        raise Bad(why)


# ---- RFC 6962

def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return node_hash(root_of(hashes[:k]), root_of(hashes[k:]))


def root_by_path(index, size, hash_, path):
    """Recursively, as 2.1.1 defines the path: its last hash is the other half of the whole tree."""
    if size == 1:
        need(not path, "the proof is too long")
        return hash_
    need(path, "the proof is too short")
    k = 1
    while 2 * k < size:
        k *= 2
    if index < k:
        return node_hash(root_by_path(index, k, hash_, path[:-1]), path[-1])
    return node_hash(path[-1], root_by_path(index - k, size - k, hash_, path[:-1]))


def roots_by_consistency(m, n, path, whole, old_root):
    """2.1.2: the roots of the older and the newer tree that a proof makes."""
    if m == n:
        if whole:
            need(not path, "the proof is too long")
            return old_root, old_root
        need(len(path) == 1, "the proof has another length")
        return path[0], path[0]
    need(path, "the proof is too short")
    k = 1
    while 2 * k < n:
        k *= 2
    if m <= k:
        old, new = roots_by_consistency(m, k, path[:-1], whole, old_root)
        return old, node_hash(new, path[-1])
    old, new = roots_by_consistency(m - k, n - k, path[:-1], False, old_root)
    return node_hash(path[-1], old), node_hash(path[-1], new)


# ---- keys and notes

def read(path):
    with open(path, "rb") as f:
        return f.read()


def unbase64(text):
    return base64.b64decode(text, validate=True)


def read_key(text):
    parts = text.strip().split("+", 2)
    need(len(parts) == 3, "no public key: name+id+base64")
    name, id_, key = parts[0], bytes.fromhex(parts[1]), unbase64(parts[2])
    need(len(key) == 33 and key[0] == 1, "no Ed25519 key")
    mine = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    need(mine == id_, "the key's id does not belong to it")
    return name, id_, key[1:]


def ed25519_verifies(key, message, signature):
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as d:
        for name, data in (("key", der), ("message", message), ("signature", signature)):
            with open(os.path.join(d, name), "wb") as f:
                f.write(data)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", d + "/key", "-rawin",
             "-in", d + "/message", "-sigfile", d + "/signature"], capture_output=True, check=False)
    return done.returncode == 0


def read_checkpoint(note, key):
    name, id_, public = key
    cut = note.rindex(b"\n\n")
    text, lines = note[:cut + 1], note[cut + 2:].split(b"\n")
    need(lines[-1] == b"", "the note does not end in a newline")
    signed = False
    for line in lines[:-1]:
        parts = line.decode().split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014", "no line of a signature")
        bytes_ = unbase64(parts[2])
        if parts[1] != name or bytes_[:4] != id_:
            continue
        need(ed25519_verifies(public, text, bytes_[4:]), "the signature does not verify")
        signed = True
    need(signed, "the checkpoint is not signed by the trusted key")
    origin, size, root = text.decode().split("\n")[:3]
    need(str(int(size)) == size, "the size is written otherwise")
    return origin, int(size), unbase64(root)


# ---- receipts: msgpack as far as FORMAT.md uses it

def unpack(b, at):
    head = b[at]
    at += 1
    if head < 0x80:
        return head, at
    if head >= 0xe0:
        return head - 256, at
    if 0xa0 <= head < 0xc0:
        n = head & 31
        return b[at:at + n], at + n
    if 0xcc <= head <= 0xcf:
        n = 1 << (head & 3)
        return int.from_bytes(b[at:at + n], "big"), at + n
    if 0xd0 <= head <= 0xd3:
        n = 1 << (head & 3)
        return int.from_bytes(b[at:at + n], "big", signed=True), at + n
    if head in (0xd9, 0xda):
        k = 1 if head == 0xd9 else 2
        n = int.from_bytes(b[at:at + k], "big")
        return b[at + k:at + k + n], at + k + n
    if 0x90 <= head < 0xa0:
        out = []
        for _ in range(head & 15):
            v, at = unpack(b, at)
            out.append(v)
        return out, at
    if 0x80 <= head < 0x90 or head == 0xde:
        n = head & 15
        if head == 0xde:
            n = int.from_bytes(b[at:at + 2], "big")
            at += 2
        out = {}
        for _ in range(n):
            k, at = unpack(b, at)
            out[k], at = unpack(b, at)
        return out, at
    raise Bad("bytes that no receipt has: %02x" % head)


def kinds_of_format():
    """Numbers of kinds, from the table in FORMAT.md."""
    out = {}
    page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../store/FORMAT.md")
    for line in read(page).decode().split("\n"):
        cells = [c.strip() for c in line.split("|")]
        if len(cells) > 4 and cells[1].isdigit() and cells[2].startswith("`"):
            out[cells[2].strip("`")] = int(cells[1])
    return out


# ---- an export

def tile_path(root, level, n, width):
    path = "%03d" % (n % 1000)
    n //= 1000
    while n:
        path = "x%03d/%s" % (n % 1000, path)
        n //= 1000
    return os.path.join(root, "tile", level, path) + ("" if width == TILE else ".p/%d" % width)


def widths(count):
    return [TILE] * (count // TILE) + ([count % TILE] if count % TILE else [])


def read_entries(root, size):
    for n, width in enumerate(widths(size)):
        bundle, at = read(tile_path(root, "entries", n, width)), 0
        for _ in range(width):
            length = int.from_bytes(bundle[at:at + 2], "big")
            need(at + 2 + length <= len(bundle), "a bundle of entries is cut")
            yield bundle[at + 2:at + 2 + length]
            at += 2 + length
        need(at == len(bundle), "a bundle of entries is too long")


def read_away(root):
    """Entries that are in an archive: their leaves are those of the tiles."""
    path = os.path.join(root, "away")
    if not os.path.exists(path):
        return set()
    spans = [line.split(" ") for line in read(path).decode().strip().split("\n")]
    return {i - 1 for first, last in spans for i in range(int(first), int(last) + 1)}


def leaf_of_tile(root, index, size):
    n = index // TILE
    tile = read(tile_path(root, "0", n, min(TILE, size - n * TILE)))
    return tile[32 * (index % TILE):32 * (index % TILE) + 32]


def check_tiles(root, leaves):
    level, hashes = 0, leaves
    while hashes:
        for n, width in enumerate(widths(len(hashes))):
            need(read(tile_path(root, str(level), n, width)) == b"".join(hashes[n * TILE:n * TILE + width]),
                 "tile %d of level %d differs" % (n, level))
        hashes = [root_of(hashes[i:i + TILE]) for i in range(0, len(hashes) - TILE + 1, TILE)]
        level += 1


def check_receipts(root, entries, away):
    kind, lost, blocks, told = kinds_of_format(), 0, 0, set()
    for i, entry in enumerate(entries):
        if i in away:
            need(not entry, "receipt %d is away, and here" % (i + 1))
            continue
        if not entry:
            lost += 1
            continue
        receipt, end = unpack(entry, 0)
        need(end == len(entry), "bytes behind receipt %d" % (i + 1))
        need(receipt[1] == i + 1, "receipt %d says that it is %d" % (i + 1, receipt[1]))
        if receipt[2] == kind["archive"]:
            numbers = receipt.get(30, []) + [0] * 6
            span = set(range(numbers[0] - 1, numbers[1]))
            told = told - span if numbers[5] else told | span
        if receipt[2] in (kind["block"], kind["inputs"]):
            name = receipt[29].decode()
            path = os.path.join(root, "blocks", name)
            need(os.path.exists(path), "the block of receipt %d is missing" % (i + 1))
            need(hashlib.sha256(read(path)).hexdigest() == name, "the block of receipt %d is another" % (i + 1))
            blocks += 1
    need(away <= told, "a receipt is away, and no receipt says that it went into an archive")
    return lost, blocks


def check_log(root, key, outside):
    origin, size, want = read_checkpoint(read(os.path.join(root, "checkpoint")), key)
    entries = list(read_entries(root, size))
    away = read_away(root)
    leaves = [leaf_of_tile(root, i, size) if i in away else leaf_hash(e) for i, e in enumerate(entries)]
    need(root_of(leaves) == want, "the root is another than the one that was signed")
    check_tiles(root, leaves)
    lost, blocks = check_receipts(root, entries, away)
    if outside:
        theirs, older, old_root = read_checkpoint(read(outside), key)
        need(theirs == origin, "the outside checkpoint is of another log")
        need(older <= size, "the outside checkpoint speaks of %d receipts, the log has %d" % (older, size))
        need(root_of(leaves[:older]) == old_root, "the log does not go on from the outside checkpoint")
    print("%d receipts, %d lost, %d away, %d blocks, root %s" % (
        size - lost - len(away), lost, len(away), blocks, base64.b64encode(want).decode()))


def split_proof(path):
    head, note = read(path).split(b"\n\n", 1)
    lines = head.decode().split("\n")
    return lines[0], lines[1].split(" "), [unbase64(h) for h in lines[2:]], note


def check_proof(path, root, key):
    kind, (word, index), hashes, note = split_proof(path)
    need(kind == "c2sp.org/tlog-proof@v1" and word == "index", "no proof of inclusion")
    _, size, want = read_checkpoint(note, key)
    index = int(index)
    need(index < size, "the index lies outside the tree")
    have = read_checkpoint(read(os.path.join(root, "checkpoint")), key)[1]
    entry = list(read_entries(root, have))[index]
    need(root_by_path(index, size, leaf_hash(entry), hashes) == want, "the proof leads to another root")
    print("receipt %d stands in a log of %d" % (index + 1, size))


def check_consistency(path, key, outside):
    kind, (word, older, old_root), hashes, note = split_proof(path)
    need(kind == "tandem/consistency@v1" and word == "older", "no proof of consistency")
    _, size, want = read_checkpoint(note, key)
    m, root = int(older), unbase64(old_root)
    if outside:
        need(read_checkpoint(read(outside), key)[1:] == (m, root), "the proof starts from another checkpoint")
    old, new = roots_by_consistency(m, size, hashes, True, root)
    need(old == root and new == want, "the proof leads to other roots")
    print("the log of %d goes on from %d" % (size, m))


def main(argv):
    options, words = {}, []
    at = iter(argv)
    for a in at:
        if a.startswith("--"):
            options[a] = next(at)
        else:
            words.append(a)
    outside = options.get("--checkpoint")
    verb = words[0]
    folder = {"log": 1, "proof": 2}.get(verb)
    key_file = options.get("--key") or (os.path.join(words[folder], "key.pub") if folder else None)
    key = read_key(read(key_file).decode())
    if verb == "log":
        check_log(words[1], key, outside)
    elif verb == "proof":
        check_proof(words[1], words[2], key)
    else:
        check_consistency(words[1], key, outside)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Bad, OSError, ValueError, KeyError, IndexError, StopIteration) as why:
        print("second verifier: %s" % why, file=sys.stderr)
        sys.exit(1)
