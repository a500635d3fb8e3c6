"""The directive `help-of`: the help of every command, as the command itself prints it."""

from typing import Any

import click
import typer
from docutils import nodes
from docutils.parsers.rst import Directive

from stammkunde.cli.app import app as stammkunde


class HelpOf(Directive):
    """Sections with the help of `stammkunde` and of all commands below it."""

    def run(self) -> list[nodes.Node]:
        root = typer.main.get_command(stammkunde)
        return [part for path, command in _commands("stammkunde", root, None) for part in _section(path, command)]


def _commands(path: str, command: Any, parent: click.Context | None) -> list[tuple[click.Context, Any]]:
    context = click.Context(command, info_name=path, parent=parent, max_content_width=88, terminal_width=88)
    below = [_commands(name, child, context) for name, child in getattr(command, "commands", {}).items()]
    return [(context, command), *(pair for pairs in below for pair in pairs)]


def _section(context: click.Context, command: Any) -> list[nodes.Node]:
    section = nodes.section(ids=[nodes.make_id(context.command_path)], names=[context.command_path])
    text = command.get_help(context)
    section += [nodes.title(text=context.command_path), nodes.literal_block(text, text, language="text")]
    return [section]


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("help-of", HelpOf)
    return {"parallel_read_safe": True}
