"""
The ids that the original gives its failures. A result of its history names its failure by the id
alone; what kind of failure it was, and of which agent, can be read from these shapes.
"""

import re
from typing import Any, NamedTuple, Optional

_AGENT = re.compile(r"agent_failure_(.+)_\d{10,}\Z", re.DOTALL)
_TASK = re.compile(r"task_timeout_.+_\d{10,}\Z", re.DOTALL)
_RESOURCE = re.compile(r"resource_.+_\d{10,}\Z", re.DOTALL)
_QUORUM = re.compile(r"quorum_loss_\d{10,}\Z")
_PREDICTED = re.compile(r"predicted_(.+)_\d{10,}\Z", re.DOTALL)


class Shape(NamedTuple):
    failure_type: Optional[str] = None
    agent_id: Optional[str] = None
    is_preventive: bool = False


def shape_of(failure_id: Any) -> Shape:
    """All unknown when the id has none of the shapes: then the exporter takes its prefix."""
    if not isinstance(failure_id, str):
        return Shape()
    match = _AGENT.match(failure_id)
    if match:
        return Shape("agent_down", match[1])
    match = _PREDICTED.match(failure_id)
    if match:
        return Shape(match[1], is_preventive=True)
    if _TASK.match(failure_id):
        return Shape("task_timeout")
    if _RESOURCE.match(failure_id):
        return Shape("resource_exhaustion")
    if _QUORUM.match(failure_id):
        return Shape("quorum_loss")
    return Shape()
