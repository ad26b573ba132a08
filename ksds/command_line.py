"""How a command line of either program ends: with the status of its command, or with one line on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command

USAGE, FILES, STOPPED = 2, 12, 16


@dataclass(frozen=True, slots=True)
class MessageIds:
    """The ids under which a program tells what is none of its own errors."""

    usage: str
    files: str
    interrupted: str


class Commands(TyperGroup):
    """The commands of a program, each imported when it is asked for: a short one took most of its time for the others.

    `places` says where they are, "module:function" by name; `hidden` are no commands for people.
    """

    places: ClassVar[Mapping[str, str]]
    hidden_names: ClassVar[frozenset[str]] = frozenset()

    def list_commands(self, ctx: Any) -> list[str]:
        return [*self.places, *(name for name in super().list_commands(ctx) if name not in self.places)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.places and cmd_name not in self.commands:
            module, _, function = self.places[cmd_name].partition(":")
            one = typer.Typer(rich_markup_mode=None, add_completion=False)
            one.command(cmd_name, hidden=cmd_name in self.hidden_names)(getattr(import_module(module), function))
            self.commands[cmd_name] = get_command(one)
        return super().get_command(ctx, cmd_name)


def version_shown(program: str) -> Callable[[bool], None]:
    """What the option --version of `program` calls: prints it, and the program ends."""

    def show(wanted: bool) -> None:
        if not wanted:
            return
        try:
            print(f"{program} {version('ksds-dtf')}")
        except PackageNotFoundError:
            print(f"{program}, from a source tree that is not installed")
        raise typer.Exit

    return show


def failed(message: str, status: int) -> int:
    """Say what went wrong in one line on standard error; the exit status."""
    print(" ".join(message.split()), file=sys.stderr)
    return status


def carried_out(program: Callable[[], int | None], ids: MessageIds) -> int:
    """The exit status of `program`: 2 for a wrong command line, 12 where a file fails, 16 where somebody interrupts."""
    try:
        return program() or 0
    except typer.TyperException as error:
        return failed(f"{ids.usage} {usage(error)}", USAGE)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return failed(f"{ids.files} {error.filename or 'INPUT OR OUTPUT'}: {error.strerror or error}", FILES)
    except (KeyboardInterrupt, typer.Abort):
        return failed(f"{ids.interrupted} INTERRUPTED", STOPPED)


def usage(error: typer.TyperException) -> str:
    """What is wrong with a command line, and where to read what is right."""
    message = error.format_message().replace(": Value error, ", ": ").rstrip(".")
    context = getattr(error, "ctx", None)
    return f"{message}; see {context.command_path} --help" if context else message
