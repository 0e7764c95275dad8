"""`tocsin simulate NAME`: make a scene's sensors, detections and truth, the same for each seed."""

from __future__ import annotations

from pathlib import Path

import click

from tocsin.errors import InputError
from tocsin.run.scene_folder import write_scene
from tocsin.simulate import SCENES, FlightLog, Scale, make_scene, read_logs, stage_flown

FLOWN = "flown"


@click.command("simulate")
@click.argument("name")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("-o", "--out", "folder", type=click.Path(path_type=Path), help="folder to fill")
@click.option(
    "--duration", type=click.FloatRange(min=1.0), help="seconds; the scene's own if absent"
)
@click.option("--sensors", type=click.IntRange(1, 10_000), help="how many, where a scene can scale")
@click.option(
    "--flight", "logs", multiple=True, type=click.Path(path_type=Path),
    help="a log to fly again (flown only); may be given several times",
)  # fmt: skip
@click.option("--drones", type=click.IntRange(1, 10_000), help="how many, where a scene can scale")
def command(
    name: str,
    seed: int,
    folder: Path | None,
    duration: float | None,
    sensors: int | None,
    drones: int | None,
    logs: tuple[Path, ...],
) -> None:
    """Make the scene NAME (`tocsin simulate list` names them all) in a folder.

    The folder then holds sensors.json, detections.ndjson, truth.ndjson, labels.ndjson (the truth
    behind each detection: for checking, never for tracking) and meta.json; the evening also
    remote_id.pcapng, the bytes of its Remote ID transmitters.
    """
    if name == "list":
        for scene in SCENES.values():
            also = f" (also {', '.join(scene.aliases)})" if scene.aliases else ""
            click.echo(f"{scene.name:16}{scene.about}{also}")
        click.echo(f"{FLOWN:16}real flights from --flight logs, flown again")
        return
    if folder is None:
        raise InputError("no folder to write to", remedy="add -o FOLDER")
    if name == FLOWN:
        staged = stage_flown(seed, [log for path in logs for log in _read(path)], duration)
    elif logs:
        raise InputError(f"the scene {name!r} flies no logs", remedy=f"choose the scene {FLOWN}")
    else:
        staged = make_scene(name, seed, duration_s=duration, scale=Scale(sensors, drones))
    try:
        lines = write_scene(staged, folder)
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror}", where=str(folder), remedy="choose another -o"
        ) from error
    click.echo(f"{folder}: {lines} detections of {len(staged.sensors)} sensors", err=True)


def _read(path: Path) -> tuple[FlightLog, ...]:
    try:
        return read_logs(path.name, path.read_bytes())
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="check the file's name"
        ) from error
