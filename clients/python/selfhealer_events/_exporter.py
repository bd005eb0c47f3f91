"""The exporter at the other end of HTTP: one connection, kept open, and what its answers mean."""

import base64
import email.utils
import http.client
import json
import ssl
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit

EVENTS_PATH = "/api/v1/events"
_ANSWER_BYTES_MAX = 64 * 1024 * 1024
_RETRY_AFTER_SECONDS_MAX = 300.0
#: Sending the same again would bring the same answer.
_BODY_AT_FAULT = frozenset((400, 413))


class Settled(NamedTuple):
    """Every event of the batch is on disk at the exporter, or was rejected for good."""

    accepted: int
    duplicates: int
    rejected: List[Dict[str, Any]]  #: each with index, code and message


class Unsettled(NamedTuple):
    """Nothing of the batch was taken, as far as is known: sending it again is safe."""

    why: str
    retry_after_seconds: Optional[float] = None
    #: The body itself was refused: it must be divided, or a single event be given up.
    is_body_at_fault: bool = False


class Exporter:
    """
    `token`: `user:password` for the exporter's own users; anything else is sent as a bearer token,
    for a proxy in front of it. Not thread-safe, but for `stop`. Raises ValueError for a wrong url.
    """

    def __init__(self, url: str, token: Optional[str], timeout_seconds: float) -> None:
        self.url = url
        self._timeout_seconds = timeout_seconds
        self._secure, self._host, self._port, self._path = _parts(url)
        self._headers = {"User-Agent": "selfhealer-events"}
        if token:
            self._headers["Authorization"] = _authorization(token)
        self._connection: Optional[http.client.HTTPConnection] = None
        self._is_stopped = False

    def post(self, lines: Sequence[bytes]) -> Union[Settled, Unsettled]:
        """Sends a batch of events, a line each. Never raises."""
        body = b"".join(lines)
        headers = {"Content-Type": "application/x-ndjson"}
        try:
            status, retry_after, answer = self._request("POST", EVENTS_PATH, body, headers)
        except Exception as error:
            self.abort()
            return Unsettled(f"{type(error).__name__}: {error}")
        return _meaning(status, answer, retry_after, len(lines))

    def get(self, path: str) -> Tuple[int, Any]:
        """Status and JSON. Raises OSError, http.client.HTTPException and ValueError."""
        status, _, answer = self._request("GET", path, None, {})
        return status, json.loads(answer)

    def stop(self) -> None:
        """No request after this one, and this one ends at once."""
        self._is_stopped = True
        self.abort()

    def abort(self) -> None:
        """Lets go of the connection, also of one on which another thread waits."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if connection.sock is not None:
                connection.sock.shutdown(2)
        except OSError:
            pass
        try:
            connection.close()
        except OSError:
            pass

    def forget(self) -> None:
        """In a forked child: the connection stays the parent's."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None and connection.sock is not None:
                connection.sock.close()
        except OSError:
            pass

    def _request(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str]
    ) -> Tuple[int, Optional[str], bytes]:
        reused = self._connection is not None
        try:
            return self._try(method, path, body, headers)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The exporter closes a connection that was idle for long; that says nothing about it.
            self.abort()
            if not reused:
                raise
        return self._try(method, path, body, headers)

    def _try(
        self, method: str, path: str, body: Optional[bytes], headers: Dict[str, str]
    ) -> Tuple[int, Optional[str], bytes]:
        if self._is_stopped:
            raise OSError("the client is closing")
        connection = self._connection or self._connect()
        self._connection = connection
        connection.request(method, self._path + path, body, {**self._headers, **headers})
        response = connection.getresponse()
        answer = response.read(_ANSWER_BYTES_MAX)
        if response.will_close or not response.isclosed():
            self.abort()
        return response.status, response.getheader("Retry-After"), answer

    def _connect(self) -> http.client.HTTPConnection:
        if self._secure:
            return http.client.HTTPSConnection(
                self._host,
                self._port,
                timeout=self._timeout_seconds,
                context=ssl.create_default_context(),
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_seconds)


def _parts(url: str) -> Tuple[bool, str, Optional[int], str]:
    parts = urlsplit(url)
    port = parts.port  # a ValueError of its own where it is none
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url: expected one such as http://127.0.0.1:9464, got {url!r}")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"url: expected neither user nor query nor fragment in it, got {url!r}")
    return parts.scheme == "https", parts.hostname, port, parts.path.rstrip("/")


def _authorization(token: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in token):
        raise ValueError("token: expected no control characters in it")
    if ":" in token:
        return "Basic " + base64.b64encode(token.encode("utf-8", "surrogatepass")).decode("ascii")
    if not token.isascii():
        raise ValueError("token: expected ASCII, or user:password")
    return "Bearer " + token


def _meaning(
    status: int, answer: bytes, retry_after: Optional[str], sent: int
) -> Union[Settled, Unsettled]:
    try:
        said = json.loads(answer)
    except ValueError:
        said = None
    settled = _settled(said, sent) if status in (200, 400) else None
    if settled is not None:
        return settled
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    what = message if isinstance(message, str) else "not the answer of a selfhealer-exporter"
    # Only an exporter's own word makes a batch smaller: a proxy may say anything.
    at_fault = status in _BODY_AT_FAULT and isinstance(message, str)
    return Unsettled(f"HTTP {status}: {what}", _retry_after_seconds(retry_after), at_fault)


def _settled(said: Any, sent: int) -> Optional[Settled]:
    """None unless it accounts for every event."""
    if not isinstance(said, dict):
        return None
    accepted, duplicates = said.get("accepted"), said.get("duplicates")
    rejected = said.get("rejected")
    if type(accepted) is not int or type(duplicates) is not int or not isinstance(rejected, list):
        return None
    if accepted + duplicates + len(rejected) != sent:
        return None
    return Settled(accepted, duplicates, [item for item in rejected if isinstance(item, dict)])


def _retry_after_seconds(text: Optional[str]) -> Optional[float]:
    if text is None:
        return None
    text = text.strip()
    if text.isdigit():
        return min(float(text[:9]), _RETRY_AFTER_SECONDS_MAX)
    try:
        seconds = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        return None
    return min(max(seconds, 0.0), _RETRY_AFTER_SECONDS_MAX)
