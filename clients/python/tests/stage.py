"""What the tests play against: an exporter that answers as it is told, and the real one."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[3]
PACKAGE_DIR = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PACKAGE_DIR))

CLI = ROOT / "dist" / "cli.js"
Answer = Tuple[int, Dict[str, str], bytes]
_WAIT_SECONDS = 30.0


def until(condition: Callable[[], Any], what: str) -> Any:
    """Polls; fails after a long time, which is no measure of anything."""
    end = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited in vain until {what}")


def temporary_dir(test: unittest.TestCase) -> Path:
    path = Path(tempfile.mkdtemp(prefix="selfhealer-"))
    test.addCleanup(shutil.rmtree, path, True)
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def settled(accepted: int, duplicates: int = 0, rejected: Tuple[Any, ...] = ()) -> Answer:
    body = {"accepted": accepted, "duplicates": duplicates, "rejected": list(rejected)}
    return 200, {}, json.dumps(body).encode()


class FakeExporter:
    """Takes every event, unless `answers` holds what to answer first."""

    def __init__(self, test: unittest.TestCase, port: int = 0) -> None:
        self.events: List[Dict[str, Any]] = []
        self.requests: List[Tuple[str, Dict[str, str]]] = []
        self.request_times: List[float] = []
        #: Called with the events of a request; None: as usual.
        self.answers: List[Callable[[List[Dict[str, Any]]], Optional[Answer]]] = []
        #: What a GET of this path answers.
        self.pages: Dict[str, Answer] = {}
        self._connections: List[socket.socket] = []
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                exporter._connections.append(self.connection)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                events = [json.loads(line) for line in body.decode("ascii").splitlines()]
                exporter._note("POST " + self.path, dict(self.headers))
                answer = exporter.answers.pop(0)(events) if exporter.answers else None
                if answer is None:
                    exporter.events.extend(events)
                    answer = settled(len(events))
                self._answer(answer)

            def do_GET(self) -> None:
                exporter._note("GET " + self.path, dict(self.headers))
                self._answer(exporter.pages.get(self.path, (404, {}, b"{}")))

            def _answer(self, answer: Answer) -> None:
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        test.addCleanup(self.close)

    def _note(self, line: str, headers: Dict[str, str]) -> None:
        self.requests.append((line, headers))
        self.request_times.append(time.monotonic())

    def of_type(self, event_type: str) -> List[Dict[str, Any]]:
        """The data of all events of this type, without `selfhealer.`."""
        wanted = "selfhealer." + event_type
        return [event["data"] for event in self.events if event["type"] == wanted]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class RealExporter:
    """`selfhealer-exporter serve`, as it was built. Without node or a build the test is skipped."""

    def __init__(self, test: unittest.TestCase) -> None:
        self._node = os.environ.get("HEALER_EVENTS_NODE") or shutil.which("node")
        if self._node is None or not CLI.exists():
            missing = "node" if self._node is None else f"{CLI} (npm run build makes it)"
            if os.environ.get("CI") == "true":
                raise AssertionError(f"{missing} is missing")
            raise unittest.SkipTest(f"{missing} is missing")
        self._storage = temporary_dir(test)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: Optional["subprocess.Popen[bytes]"] = None
        test.addCleanup(self.kill)
        self.start()

    def start(self) -> None:
        assert self._node is not None
        self._process = subprocess.Popen(
            [
                self._node,
                str(CLI),
                "serve",
                f"--web.listen-address=127.0.0.1:{self.port}",
                f"--storage.path={self._storage}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._is_ready, "the exporter is ready")

    def run(self, *arguments: str) -> None:
        """Another command of the same program; it must succeed."""
        assert self._node is not None
        subprocess.run([self._node, str(CLI), *arguments], check=True, capture_output=True)

    def kill(self) -> None:
        """With SIGKILL: it has no time for anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            return json.load(response)

    def stats_of(self, source: str) -> Dict[str, Any]:
        stats: Dict[str, Any] = self.get(f"/api/v1/stats?source={source}")["overall_stats"]
        return stats

    def metric(self, name: str) -> float:
        """The sum over all series of this name."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        of_name = [line for line in lines if line.startswith((name + "{", name + " "))]
        return sum(float(line.rsplit(" ", 1)[1]) for line in of_name)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/readyz", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            return False
