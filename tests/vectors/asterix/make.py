"""Writes the vectors of this folder with libasterix and tshark; see ORIGIN.md.

    python make.py FOLDER     (an environment with libasterix; the folder of shared recordings)

A line of `libasterix.jsonl`: {"cat", "edition", "hex" of the record, "items": {item: [[raw number,
value] of each field in the order of the wire, without spare bits]}}. A line of `tshark.jsonl`: the
same with [text of each field] as tshark prints it.
"""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import asterix.base as base
import asterix.generated as specs

HERE = Path(__file__).parent
EDITIONS = {
    15: ["1.2"],
    21: ["0.23", "0.26", "2.1", "2.6"],
    34: ["1.29"],
    48: ["1.27", "1.32"],
    62: ["1.16", "1.18", "1.21"],
    65: ["1.6"],
    240: ["1.3"],
}
RECORDS = 24
RECORDED = {48: "1.32", 34: "1.29", 62: "1.21", 65: "1.6"}
TSHARK = {
    15: ["1.1"], 21: ["0.23", "2.1", "2.6"], 34: ["1.29"], 48: ["1.27", "1.31"],
    62: ["1.17", "1.18", "1.19"], 65: ["1.5"], 240: ["1.3"],
}  # fmt: skip
LATEST = {15: "1.1", 21: "2.6", 34: "1.29", 48: "1.31", 62: "1.19", 65: "1.5", 240: "1.3"}


def spec(category, edition):
    return getattr(specs, f"Cat_{category:03}_{edition.replace('.', '_')}")


def draw(variation, chance):
    """What to make an item of: every bit at random, but that of spare bits and of letters."""
    if issubclass(variation, base.Element):
        return draw_bits(variation, chance)
    if issubclass(variation, base.Group):
        return tuple(draw_part(item, chance) for item, _ in variation.cv_items_list)
    if issubclass(variation, base.Extended):
        parts = variation.cv_items_list[: chance.randint(1, len(variation.cv_items_list))]
        return [
            tuple(None if item is None else draw_part(item[0], chance) for item in part)
            for part in parts
        ]
    if issubclass(variation, base.Repetitive):
        return [draw(variation.cv_variation, chance) for _ in range(chance.randint(1, 2))]
    if issubclass(variation, base.Explicit):
        return chance.randbytes(chance.randint(1, 4))
    present = [part for part in variation.cv_items_list if part is not None]
    chosen = chance.sample(present, chance.randint(1, min(8, len(present))))
    return {part.cv_name: draw(part.cv_rule.cv_variation, chance) for part in chosen}


def draw_part(item, chance):
    return (
        0 if issubclass(item, base.Spare) else draw(item.cv_non_spare.cv_rule.cv_variation, chance)
    )


def draw_bits(variation, chance):
    content = getattr(variation.cv_rule, "cv_content", None)
    if content is not None and issubclass(content, base.ContentString):
        size = variation.cv_bit_size // content.cv_string_type.cv_bits_per_char
        letters = "01234567" if content.cv_string_type is base.StringOctal else "ABZ019 "
        return "".join(chance.choice(letters) for _ in range(size))
    return chance.getrandbits(variation.cv_bit_size)


def leaves(variation, switch=None):
    """[raw number, value] of every field of an item, in the order of the wire."""
    if isinstance(variation, base.Element):
        rule = variation._get_rule()
        if isinstance(rule, base.RuleContentDependent):
            content = rule._get_content([switch])
        else:
            content = rule._get_content()
        number = variation.as_uint()
        if isinstance(content, base.ContentString):
            return [[number, content.as_string()]]
        if isinstance(content, base.ContentQuantity):
            value = content._as_quantity()
            return [[round(value / content.cv_lsb), value]]
        if isinstance(content, base.ContentInteger):
            number = content.as_integer()
        return [[number, number]]
    if isinstance(variation, base.Explicit):
        return [[None, variation.bs.to_bytes()[1:].hex()]]
    found = []
    for part in parts_of(variation):
        found += leaves(part, found[0][0] if found else None)
    return found


def parts_of(variation):
    if isinstance(variation, base.Repetitive):
        return variation.arg
    if isinstance(variation, base.Group):
        items = variation.arg
    elif isinstance(variation, base.Extended):
        items = [item for part in variation.arg for item in part]
    else:
        items = [variation.arg[p.cv_name] for p in variation.cv_items_list
                 if p is not None and p.cv_name in variation.arg]  # fmt: skip
        return [item.arg.arg for item in items]
    return [item.arg.arg.arg for item in items if isinstance(item, base.Item)]


def items_of(record, uap):
    found = {}
    for entry in uap.cv_items_list:
        if issubclass(entry, base.UapItem):
            name = entry.cv_non_spare.cv_name
            item = record._get_item(name)
            if item is not None:
                found[name] = leaves(item.arg.arg)
    return found


def made(chance):
    """Records that libasterix encodes, all items of each edition drawn now and then."""
    for category, editions in EDITIONS.items():
        for edition in editions:
            record = spec(category, edition).cv_uap.cv_record
            entries = [e.cv_non_spare for e in record.cv_items_list if issubclass(e, base.UapItem)]
            chance.shuffle(entries)
            for turn in range(RECORDS):
                chosen = entries[turn::RECORDS] + chance.sample(entries, min(3, len(entries)))
                args = {e.cv_name: draw(e.cv_rule.cv_variation, chance) for e in chosen}
                yield category, edition, record.create(args).unparse().to_bytes()


def recorded(folder):
    """The data blocks of the recordings."""
    for name in ("asterix4py/cat048.ast", "asterix4py/cat062.ast"):
        yield from cut((folder / name).read_bytes())


def cut(data):
    while data:
        length = data[1] << 8 | data[2]
        yield data[0], data[3:length]
        data = data[length:]


def read(category, edition, body):
    """(record, its bytes) of a block's body, by libasterix."""
    kind = spec(category, edition).cv_uap.cv_record
    bits = base.Bits.from_bytes(body)
    while len(bits):
        record, rest = kind.parse(base.ParsingMode.StrictParsing, bits)
        yield record, bits.take(len(bits) - len(rest)).to_bytes()
        bits = rest


def by_tshark(category, edition, bodies):
    """What tshark prints of records, one datagram each; None where it calls them malformed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blocks.pcap"
        file.write_bytes(capture(category, bodies))
        setting = "latest" if edition == LATEST[category] else edition
        value = f"Version {edition}" + (" (latest)" if setting == "latest" else "")
        command = ["tshark", "-r", str(file), "-T", "json", "-d", "udp.port==8600,asterix"]
        if category != 240:
            command += ["-o", f"asterix.i{category:03}_version:{value}"]
        out = subprocess.run(command, capture_output=True, check=True).stdout
    for packet in json.loads(out, object_pairs_hook=list):
        layers = dict(dict(dict(packet)["_source"])["layers"])
        top = dict(layers.get("asterix", []))
        message = top.get("asterix.message")
        if message is None or any("malformed" in key for key in layers):
            yield None
            continue
        found = {}
        for key, value in message:
            if key.startswith(f"asterix.{category:03}_"):
                told = texts(value)
                if any(told):  # it does not look into some, such as radar video
                    found[key.rpartition("_")[2]] = told
        yield found


def texts(value):
    if isinstance(value, str):
        return [value]
    skip = {"asterix.FX", "asterix.counter", "asterix.fspec", "asterix.spare"}
    return [text for key, below in value if key not in skip for text in texts(below)]


def capture(category, bodies):
    parts = [struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for body in bodies:
        block = bytes([category]) + struct.pack(">H", len(body) + 3) + body
        udp = struct.pack(">HHHH", 8600, 8600, 8 + len(block), 0) + block
        ip = struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), bytes(4)
        )
        parts.append(struct.pack("<IIII", 0, 0, len(ip + udp), len(ip + udp)) + ip + udp)
    return b"".join(parts)


def write(name, lines):
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (HERE / name).write_text(text)


def line(category, edition, body, items):
    return {"cat": category, "edition": edition, "hex": body.hex(), "items": items}


def main():
    chance = random.Random(20261124)
    bodies = list(made(chance))
    seen = set()
    for category, body in recorded(Path(sys.argv[1])):
        for _, octets in read(category, RECORDED[category], body):
            if octets not in seen:
                seen.add(octets)
                bodies.append((category, RECORDED[category], octets))
    found = []
    for category, edition, body in bodies:
        ((record, octets),) = read(category, edition, body)
        assert octets == body
        items = items_of(record, spec(category, edition).cv_uap.cv_record)
        found.append(line(category, edition, body, items))
    write("libasterix.jsonl", found)
    found = []
    for category, editions in TSHARK.items():
        for edition in editions:
            same = [b for c, e, b in bodies if c == category and same_items(c, e, edition)]
            for body, items in zip(same, by_tshark(category, edition, same), strict=True):
                if items is not None:
                    found.append(line(category, edition, body, items))
                else:
                    print("malformed to tshark:", category, edition, body.hex())
    write("tshark.jsonl", found)
    write("ours_libasterix.jsonl", ours("libasterix"))
    write("ours_tshark.jsonl", ours("tshark"))


def ours(reader):
    """What they read of the blocks that we wrote (`ours.txt`, from tests/encode)."""
    for text in (HERE / "ours.txt").read_text().split():
        for category, body in cut(bytes.fromhex(text)):
            edition = {48: "1.31", 62: "1.18"}[category]
            records = list(read(category, edition, body))
            if reader == "libasterix":
                uap = spec(category, edition).cv_uap.cv_record
                found = [items_of(record, uap) for record, _ in records]
            else:
                found = by_tshark(category, edition, [octets for _, octets in records])
            for (_, octets), items in zip(records, found, strict=True):
                yield line(category, edition, octets, items)


def same_items(category, ours, theirs):
    """Whether tshark reads that edition as libasterix wrote this one, as far as is known."""
    near = {
        (15, "1.2"): {"1.1"}, (21, "2.6"): {"2.6"}, (21, "2.1"): {"2.1"}, (21, "0.23"): {"0.23"},
        (48, "1.27"): {"1.27"}, (48, "1.32"): {"1.31"}, (62, "1.16"): set(), (62, "1.18"): {"1.18"},
        (62, "1.21"): {"1.19"}, (65, "1.6"): {"1.5"}, (34, "1.29"): {"1.29"}, (240, "1.3"): {"1.3"},
    }  # fmt: skip
    return theirs in near.get((category, ours), set())


if __name__ == "__main__":
    main()
