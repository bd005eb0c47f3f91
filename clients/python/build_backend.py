"""
Builds the wheel and the source archive (PEP 517, PEP 660) with the standard library alone. The
package is a folder of Python files; there is nothing to compile and nothing to download.
"""

import base64
import hashlib
import io
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

_HERE = Path(__file__).resolve().parent
_PACKAGE = "selfhealer_events"
_WHEEL = "Wheel-Version: 1.0\nGenerator: build_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def get_requires_for_build_wheel(config_settings: Any = None) -> List[str]:
    return []


def get_requires_for_build_editable(config_settings: Any = None) -> List[str]:
    return []


def get_requires_for_build_sdist(config_settings: Any = None) -> List[str]:
    return []


def build_wheel(
    wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None
) -> str:
    files = [
        (f"{_PACKAGE}/{path.name}", path.read_bytes())
        for path in sorted((_HERE / _PACKAGE).iterdir())
        if path.suffix == ".py" or path.name == "py.typed"
    ]
    return _write_wheel(wheel_directory, files)


def build_editable(
    wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None
) -> str:
    return _write_wheel(wheel_directory, [(f"{_PACKAGE}.pth", f"{_HERE}\n".encode())])


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    base = f"{_PACKAGE}-{_project()['version']}"
    with tarfile.open(Path(sdist_directory) / f"{base}.tar.gz", "w:gz") as archive:
        for name in ("pyproject.toml", "build_backend.py", "README.md"):
            archive.add(_HERE / name, f"{base}/{name}")
        for path in sorted((_HERE / _PACKAGE).iterdir()):
            if path.suffix == ".py" or path.name == "py.typed":
                archive.add(path, f"{base}/{_PACKAGE}/{path.name}")
        info = tarfile.TarInfo(f"{base}/PKG-INFO")
        content = _metadata()
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return f"{base}.tar.gz"


def _write_wheel(directory: str, files: List[Tuple[str, bytes]]) -> str:
    version = _project()["version"]
    info = f"{_PACKAGE}-{version}.dist-info"
    files = [*files, (f"{info}/METADATA", _metadata()), (f"{info}/WHEEL", _WHEEL.encode())]
    name = f"{_PACKAGE}-{version}-py3-none-any.whl"
    record = "".join(f"{path},sha256={_hash(body)},{len(body)}\n" for path, body in files)
    files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode()))
    with zipfile.ZipFile(Path(directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, body in files:
            # The earliest date that a zip can have: the same files give the same wheel.
            wheel.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), body)
    return name


def _hash(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()


def _project() -> Dict[str, str]:
    """The plain texts of [project]. A parser for all of TOML comes with Python 3.11 only."""
    text = (_HERE / "pyproject.toml").read_text(encoding="utf-8")
    section = text.split("[project]", 1)[1].split("\n[", 1)[0]
    return dict(re.findall(r'^([a-z-]+) = "([^"]*)"$', section, re.MULTILINE))


def _metadata() -> bytes:
    project = _project()
    head = (
        "Metadata-Version: 2.1\n"
        f"Name: {project['name']}\n"
        f"Version: {project['version']}\n"
        f"Summary: {project['description']}\n"
        "License: Apache-2.0\n"
        f"Requires-Python: {project['requires-python']}\n"
        "Classifier: Programming Language :: Python :: 3\n"
        "Classifier: Typing :: Typed\n"
        "Description-Content-Type: text/markdown\n\n"
    )
    return (head + (_HERE / "README.md").read_text(encoding="utf-8")).encode("utf-8")
