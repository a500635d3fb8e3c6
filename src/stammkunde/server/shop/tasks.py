"""The work of the room; each module registers its own when it is imported."""

from stammkunde.server.shop import import_tasks, source_tasks

__all__ = ["import_tasks", "source_tasks"]
