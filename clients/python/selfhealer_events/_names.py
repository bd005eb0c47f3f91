"""
Names that the exporter takes. It refuses a name with characters that a label or a page could
stumble over, and the whole event with it; a healer that names an agent so would lose its attempts.
"""

import re
import uuid
from enum import Enum
from typing import Any, Optional

from ._identity import digest

LENGTH_MAX = 200
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\"\\\\,{}<>]")
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\"\\\\,{}<>%]")
_RESERVED = "__overflow__"


def is_name(text: str) -> bool:
    """Whether the exporter takes it as it stands."""
    return (
        0 < len(text) <= LENGTH_MAX and _FORBIDDEN.search(text) is None and text != _RESERVED
    )


def name_of(value: Any) -> Optional[str]:
    """
    The name of an agent, a failure, a strategy, as the exporter takes it; None when it is no name.

    What it takes anyway stays as it is. Forbidden characters become percent escapes; what is too
    long is cut and ends in a hash of the whole, so that two names do not become one.
    """
    text = _text_of(value)
    if text is None or is_name(text):
        return text
    if text == "":
        return None
    if text == _RESERVED:
        return "%5F" + text[1:]
    escaped = _ESCAPED.sub(_escape, text)
    if len(escaped) <= LENGTH_MAX:
        return escaped
    return f"{escaped[:160]}~{digest([text])}"


def _text_of(value: Any) -> Optional[str]:
    if isinstance(value, Enum):
        value = value.value if isinstance(value.value, (str, int)) else value.name
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1000 else None
    if isinstance(value, (bytes, bytearray)):
        return bytes(value[:4096]).decode("utf-8", "surrogateescape")
    if isinstance(value, uuid.UUID):
        return str(value)
    return None


def _escape(match: "re.Match[str]") -> str:
    encoded = match[0].encode("utf-8", "surrogatepass")
    return "".join(f"%{byte:02X}" for byte in encoded)
