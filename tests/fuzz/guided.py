"""`python -m tests.fuzz.guided TARGET`: fuzzing led by coverage, with atheris (`tocsin[fuzz]`).

The first byte of an input chooses the link, the rest is the message. An error that is not promised
ends the run and leaves the input in the folder of `--corpus`.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp

import atheris
import click

with atheris.instrument_imports(include=["tocsin.decode"], enable_loader_override=False):
    from tocsin.run.reading import installed_decoders
    from tocsin.run.recordings import installed_formats

    DECODERS = {f"decoder:{one.name}": one for one in installed_decoders()}
    FORMATS = {f"format:{one.name}": one for one in installed_formats()}

from tests.fuzz.seeds import T0, seeds

from tocsin.decode.ndjson import read_line, write_line
from tocsin.errors import DecodeError, FormatError
from tocsin.words import Frame


def try_decoder(target: str, data: bytes) -> None:
    """One input to one decoder."""
    decoder = DECODERS[target]
    if not data:
        return
    link = decoder.links[data[0] % len(decoder.links)]
    with contextlib.suppress(DecodeError):
        for detection in decoder.decode(Frame(data[1:], "s", T0, link)):
            read_line(write_line(detection))


def try_format(target: str, data: bytes) -> None:
    """One input to one format, in its three guises."""
    form = FORMATS[target]
    form.sniff(data[:4096])
    form.datagram(data)
    splitter = form.splitter()
    if splitter is not None:
        splitter.feed(data[: len(data) // 2])
        splitter.feed(data[len(data) // 2 :])
    with contextlib.suppress(FormatError):
        for _ in form.frames(data, "f", sensor="s", start=T0, skipped=Counter()):
            pass


def _write_corpus(target: str, folder: Path) -> None:
    found = seeds(shared=True)
    if target in FORMATS:
        inputs = [data[:4096] for data in found.files.get(FORMATS[target].name, [])]
    else:
        links = DECODERS[target].links
        inputs = [
            bytes([number]) + frame.data
            for number, link in enumerate(links)
            for frame in found.frames.get(link, [])
        ]
    for number, data in enumerate(inputs):
        (folder / f"seed-{number:05}").write_bytes(data)


@click.command()
@click.argument("target", type=click.Choice(sorted(DECODERS | FORMATS)))
@click.option("--seconds", default=60, show_default=True)
@click.option("--corpus", type=click.Path(path_type=Path), help="folder; else a temporary one")
def command(target: str, seconds: int, corpus: Path | None) -> None:
    """Fuzz one TARGET."""
    folder = Path(mkdtemp()) if corpus is None else corpus
    folder.mkdir(exist_ok=True)
    _write_corpus(target, folder)
    one = try_decoder if target in DECODERS else try_format
    options = [
        f"-max_total_time={seconds}", f"-artifact_prefix={folder}/found-", "-timeout=5",
        "-max_len=4096", "-print_final_stats=1", str(folder),
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options], lambda data: one(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    command()
