"""A journey as a whole: every step leads somewhere that is there, can be reached, and no circle turns without time."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions.language import END, Definition, Step
from stammkunde.server.journeys.definitions.values import DefinitionError, place


def check(found: Definition) -> None:
    """Judge the steps together.

    Raises
    ------
    DefinitionError : two have one id, one leads nowhere or is never reached, or a circle has no wait in it.
    """
    _once_each(found)
    _lead_somewhere(found)
    _are_reached(found)
    _take_time(found)


def _once_each(found: Definition) -> None:
    seen: set[str] = set()
    for number, step in enumerate(found.steps):
        where = place(place("steps", number), "id")
        if step.id == END:
            raise DefinitionError(where, _("“end” is the end of the journey; call the step something else."))
        if step.id in seen:
            raise DefinitionError(where, _("There is a step “%(id)s” already.") % {"id": step.id})
        seen.add(step.id)


def _lead_somewhere(found: Definition) -> None:
    for number, step in enumerate(found.steps):
        for target in found.targets(step):
            if target != END and found.step(target) is None:
                message = _("There is no step “%(id)s” to go to.") % {"id": target}
                raise DefinitionError(place("steps", number), message)


def _are_reached(found: Definition) -> None:
    reached, ahead = set[str](), [found.first]
    while ahead:
        name = ahead.pop()
        step = found.step(name)
        if step is not None and name not in reached:
            reached.add(name)
            ahead += found.targets(step)
    for number, step in enumerate(found.steps):
        if step.id not in reached:
            message = _("Nobody ever comes to “%(id)s”: no step leads to it.") % {"id": step.id}
            raise DefinitionError(place("steps", number), message)


def _take_time(found: Definition) -> None:
    """Without the steps that take time, the rest must have no circle: who walks one would never rest."""
    done: set[str] = set()
    for step in found.steps:
        circle = next(_circles(found, step, (), done), None)
        if circle is not None:
            number = found.steps.index(circle)
            message = _("From “%(id)s” a circle leads back to it without a wait.") % {"id": circle.id}
            raise DefinitionError(place("steps", number), message)


def _circles(found: Definition, step: Step, path: tuple[str, ...], done: set[str]) -> Iterator[Step]:
    if step.takes_time or step.id in done:
        return
    if step.id in path:
        yield step
        return
    for target in found.targets(step):
        following = found.step(target)
        if following is not None:
            yield from _circles(found, following, (*path, step.id), done)
    done.add(step.id)
