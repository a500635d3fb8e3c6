"""The command `stammkunde`: nouns are rooms (`clv score`, `clv backtest`), and `demo` shows the main job.

Lives here: reading options, progress, tables on screen, exit codes. Refuses to know how anything is computed.
Nothing heavy is imported before a command runs, so that `--help` answers at once.
"""

from stammkunde.cli.app import main

__all__ = ["main"]
