"""The command line: `tocsin COMMAND`. Each command is one file in `run/commands`, read on demand.

Exit status: 0 success, 1 failure, 2 bad usage or input, with one clear line on standard error.
"""

from __future__ import annotations

import sys
from importlib import import_module

import click

from tocsin import __version__
from tocsin.errors import InputError, TocsinError

COMMANDS: dict[str, str] = {
    "demo": "a staged evening, live in the browser",
    "up": "run a site",
    "replay": "the same road over recordings",
    "listen": "a sensor node: a microphone, an ear and a link",
    "decode": "recordings to detections.ndjson on standard output",
    "hear": "sound files to drone probability per window, events",
    "track": "detections to tracks",
    "score": "how good are the tracks",
    "evidence": "ask a node to keep the sound of an incident; open it",
    "export": "tracks and alerts for other people's programs",
    "simulate": "make sensors, detections and truth",
    "check": "every error of a config, with line and remedy",
    "doctor": "what is broken and what to do",
    "bench": "the performance figures",
}


class _Commands(click.Group):
    """Imports a command's module only when it is asked for: `tocsin check` needs no numba."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"tocsin.run.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tocsin")
def cli() -> None:
    """Tocsin: open early warning for small drones."""


def main() -> None:
    """Entry point of the `tocsin` script."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("tocsin: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f" (see: {context.command_path} --help)" if context else ""
        click.echo(f"tocsin: {error.format_message()}{hint}", err=True)
        sys.exit(2)
    except InputError as error:
        click.echo(f"tocsin: {error}", err=True)
        sys.exit(2)
    except TocsinError as error:
        click.echo(f"tocsin: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
