"""
Tells a selfhealer-exporter what a self-healing system does.

    from selfhealer_events import attach
    attach(self_healer)

`attach` is for a SelfHealer of MoAI-Flow; `EventClient` for any other healer.
"""

from ._attachment import Attachment, attach, detach
from ._client import EventClient
from ._import import import_history

__version__ = "0.1.0"
__all__ = ["Attachment", "EventClient", "attach", "detach", "import_history"]
