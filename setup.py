"""Names the version after the repository's tags, and compiles the short ways of arrays, and the reader of text, in C.

Where there is no compiler, Ramba is installed without them.
"""

import re
import subprocess
from glob import glob
from pathlib import Path

import numpy
from setuptools import Extension, setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = Path(__file__).parent
WRITTEN = re.compile(r'(?m)^(VERSION = )"(.*)"$')


def version() -> str:
    """1.2.3 at the tag v1.2.3, 1.2.3.post4+gabc1234 four commits later; without a tag, what release.py says."""
    described = ""
    if (ROOT / ".git").exists():  # else the tags are those of somebody else's repository around this one
        asked = ["git", "describe", "--tags", "--match", "v[0-9]*"]
        described = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    tag, *since = described.removeprefix("v").split("-")
    if not tag:
        return WRITTEN.search((ROOT / "src/ramba/release.py").read_text())[2]
    return tag if not since else f"{tag}.post{since[0]}+{since[1]}"


def write_version(path: Path) -> None:
    """Has a file that is built say the version."""
    text = WRITTEN.sub(rf'\1"{version()}"', path.read_text())
    path.unlink()  # it may be a hard link to the source
    path.write_text(text)


class BuildModules(build_py):
    """Copies the modules; the one that says the version is written."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            write_version(Path(self.build_lib, "ramba", "release.py"))


class SourceArchive(sdist):
    """The sources with the version written, as the archive has no tags."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        write_version(Path(base_dir, "src", "ramba", "release.py"))


setup(
    version=version(),
    cmdclass={"build_py": BuildModules, "sdist": SourceArchive},
    ext_modules=[
        Extension(
            "ramba.lazyarray._native",
            ["native/module.c"],
            include_dirs=[numpy.get_include()],
            depends=glob("native/*.h"),
            optional=True,
        ),
        Extension("ramba.files._text", ["native/text.c"], optional=True),
    ],
)
