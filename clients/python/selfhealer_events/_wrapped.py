"""Methods replaced on one instance, and put back."""

import functools
from typing import Any, Callable, Dict, List, Tuple

_MISSING = object()
_MARK = "__selfhealer_events__"


class Wrapped:
    """The methods of one object that were replaced. Not thread-safe."""

    def __init__(self, thing: Any, owner: Any) -> None:
        self._thing = thing
        self._owner = owner
        self._replaced: List[Tuple[str, Any, Any]] = []

    def replace(self, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> bool:
        """
        False when it has no such method. Raises TypeError when the instance takes no attributes.
        """
        original = getattr(self._thing, name, None)
        if not callable(original):
            return False
        try:
            attributes = vars(self._thing)
            before = attributes.get(name, _MISSING)
            wrapper = make(original)
            try:
                functools.update_wrapper(wrapper, original)
            except Exception:  # only its name and docstring
                pass
            setattr(wrapper, _MARK, (self._owner, before))
            setattr(self._thing, name, wrapper)
        except (TypeError, AttributeError) as error:
            kind = type(self._thing).__name__
            raise TypeError(f"{kind}.{name} cannot be replaced on the instance: {error}") from None
        self._replaced.append((name, wrapper, before))
        return True

    def restore(self) -> None:
        """
        As it was. What somebody else has put over it since stays: it calls ours, which then calls
        the original and nothing else.
        """
        attributes = vars(self._thing)
        for name, wrapper, before in reversed(self._replaced):
            if attributes.get(name) is not wrapper:
                continue
            while before is not _MISSING and _is_over(before):
                before = getattr(before, _MARK)[1]
            if before is _MISSING:
                delattr(self._thing, name)
            else:
                setattr(self._thing, name, before)
        self._replaced = []


def owners_of(thing: Any) -> List[Any]:
    """Those that have replaced a method of it, the last one first."""
    owners: List[Any] = []
    for method in list(getattr(thing, "__dict__", {}).values()):
        while method is not _MISSING and hasattr(method, _MARK):
            owner, method = getattr(method, _MARK)
            if owner.is_attached and not any(owner is known for known in owners):
                owners.append(owner)
    return owners


def first_two(
    args: Tuple[Any, ...], kwargs: Dict[str, Any], first: str, second: str
) -> Tuple[Any, Any]:
    """The first two arguments of a call, by position or by name; None where there is none."""
    values = list(args[:2])
    for name in (first, second)[len(values) :]:
        values.append(kwargs.get(name))
    return values[0], values[1]


def _is_over(method: Any) -> bool:
    """A wrapper of ours whose owner was detached while another stood above it."""
    mark = getattr(method, _MARK, None)
    return mark is not None and not mark[0].is_attached
