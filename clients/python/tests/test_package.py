import os
import subprocess
import sys
import tarfile
import unittest
import zipfile

import stage

sys.path.insert(0, str(stage.PACKAGE_DIR))
import build_backend  # noqa: E402

_IMPORT = "import selfhealer_events as s; print(s.__version__, s.__file__)"


class Packaging(unittest.TestCase):
    def test_the_wheel_holds_the_typed_package_and_is_the_same_each_time(self) -> None:
        first, second = (stage.temporary_dir(self) for _ in range(2))
        name = build_backend.build_wheel(str(first))
        self.assertEqual(build_backend.build_wheel(str(second)), name)
        self.assertEqual((first / name).read_bytes(), (second / name).read_bytes())
        with zipfile.ZipFile(first / name) as wheel:
            names = wheel.namelist()
            self.assertIsNone(wheel.testzip())
        for path in ("__init__.py", "__main__.py", "py.typed"):
            self.assertIn(f"selfhealer_events/{path}", names)
        self.assertFalse([path for path in names if "test" in path or "__pycache__" in path])

    def test_the_source_archive_holds_what_it_takes_to_build(self) -> None:
        folder = stage.temporary_dir(self)
        with tarfile.open(folder / build_backend.build_sdist(str(folder))) as archive:
            names = {name.split("/", 1)[1] for name in archive.getnames()}
        self.assertLessEqual(
            {"pyproject.toml", "build_backend.py", "README.md", "PKG-INFO"}, names
        )

    def test_its_version_is_that_of_the_project(self) -> None:
        import selfhealer_events

        self.assertEqual(build_backend._project()["version"], selfhealer_events.__version__)

    def test_pip_installs_it_from_the_folder_without_a_network(self) -> None:
        has_pip = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True)
        if has_pip.returncode != 0:
            return  # what pip would call is tested above
        target = stage.temporary_dir(self)
        command = [sys.executable, "-m", "pip", "install", "--no-index", "--target", str(target)]
        done = subprocess.run(
            [*command, str(stage.PACKAGE_DIR)], capture_output=True, text=True, timeout=120
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        said = subprocess.run(
            [sys.executable, "-c", _IMPORT],
            cwd=target,
            env={**os.environ, "PYTHONPATH": str(target)},
            capture_output=True,
            text=True,
        )
        self.assertIn(str(target), said.stdout, said.stderr)


if __name__ == "__main__":
    unittest.main()
