"""``python -m ramba compare``: one program with NumPy and with Ramba, and one screen about both."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ramba.command import agreement, trials
from ramba.command.agreement import Tolerance, Verdict
from ramba.command.running import CannotRunError, Program
from ramba.command.trials import Trial
from ramba.runtime.mpi import launcher

MOST_FINDINGS = 4


def compare(program: Program, within: Tolerance, beside: Sequence[str] = ()) -> int:
    """Runs a program twice, each time in an empty folder of its own; 0 if the results are the same, else 1."""
    if launcher.is_peer_rank():
        raise CannotRunError("compare needs a driver: it does not run with RAMBA_SPMD=1")
    program = _located(program)
    with tempfile.TemporaryDirectory(prefix="ramba-compare-", ignore_cleanup_errors=True) as name:
        folders = [Path(name).resolve() / who for who in ("numpy", "ramba")]
        for folder in folders:
            folder.mkdir()
            for path in map(Path, beside):
                _copy(path, folder)
        plain = trials.with_numpy(program, folders[0])
        ours = trials.with_ramba(program, folders[1])
        verdicts = list(_verdicts(plain, ours, folders, within))
    different = any(verdict.differences for _, verdict in verdicts)
    lines = [*_times(plain, ours, trials.start(), different), "", *_results(verdicts, within), *_errors(plain, ours)]
    print("\n".join([*lines, *_held_back(ours)]))
    return int(different)


def _located(program: Program) -> Program:
    """The program as it is named from other folders: a module is found from here all the same."""
    if program.is_module:
        path = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.getcwd() + (os.pathsep + path if path else "")
        return program
    if not Path(program.name).exists():
        raise CannotRunError(f"can't open file {os.path.abspath(program.name)!r}: it does not exist", status=2)
    return program._replace(name=os.path.abspath(program.name))


def _copy(path: Path, folder: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, folder / path.name)
    else:
        shutil.copy2(path, folder)


def _verdicts(plain: Trial, ours: Trial, folders: Sequence[Path], within: Tolerance) -> Iterator[tuple[str, Verdict]]:
    """What is compared, and how it came out."""
    if plain.status == ours.status:
        yield "exit code", Verdict(f"the same, {plain.status}")
    else:
        yield "exit code", Verdict("DIFFERENT", (f"NumPy {plain.status}, Ramba {ours.status}",))
    printed = [trial.output.replace(str(folder), ".") for trial, folder in zip((plain, ours), folders, strict=True)]
    yield "output", agreement.texts(printed[0], printed[1], within)
    yield from agreement.files(folders[0], folders[1], within)


def _times(plain: Trial, ours: Trial, start: float, different: bool) -> Iterator[str]:
    """Both times, and whether it pays."""
    alone = max(plain.seconds - start, 0.0)
    inside = ours.seconds if ours.report is None else ours.report["seconds"]
    yield f"{'':24}{'NumPy':>9}{'Ramba':>9}"
    yield f"{'seconds in all':24}{plain.seconds:9.2f}{ours.seconds:9.2f}"
    yield f"{'after its first imports':24}{alone:9.2f}{inside:9.2f}    {_times_as_fast(alone, inside)}"
    yield ""
    if different:
        yield "The results DIFFER: look at that first."
    elif alone < 0.1:
        yield "Too short to tell whether it pays: give it more to do."
    elif alone > 1.1 * inside:
        more = "" if plain.seconds > ours.seconds else ", in a longer run: in this one the start took what was gained"
        yield f"It pays{more}."
    else:
        yield "It makes no difference." if alone > 0.9 * inside else "It does not pay."
    compiling = (ours.report or {}).get("compiling", 0.0)
    if compiling > 0.05 * inside:
        yield f"{compiling:.2f} s went into compiling kernels; the next run finds them in the cache."


def _times_as_fast(alone: float, inside: float) -> str:
    return f"{alone / inside:.1f} times as fast" if inside > 0 else ""


def _results(verdicts: Sequence[tuple[str, Verdict]], within: Tolerance) -> Iterator[str]:
    for what, verdict in verdicts:
        yield f"{what:24}{verdict.said}"
        for difference in verdict.differences[: agreement.MOST_SHOWN]:
            yield f"{'':4}{difference}"
    if any("tolerance" in verdict.said or verdict.differences for _, verdict in verdicts):
        yield f"{'tolerance':24}{within.relative:g} relative, {within.absolute:g} absolute, or the last printed digit"


def _errors(plain: Trial, ours: Trial) -> Iterator[str]:
    """The ends of what was said on stderr, if a run failed."""
    for who, trial in (("NumPy", plain), ("Ramba", ours)):
        if trial.status:
            yield f"{who} said: " + " | ".join(trial.errors.strip().splitlines()[-2:])


def _held_back(ours: Trial) -> Iterator[str]:
    findings = (ours.report or {}).get("findings", [])
    if findings:
        yield ""
        yield "What held it back, in seconds"
    for found in findings[:MOST_FINDINGS]:
        yield f"{found['seconds']:6.2f}  {Path(found['file']).name}:{found['line']}  {found['what']}"
        yield f"        instead: {found['instead']}"
    if len(findings) > MOST_FINDINGS:
        yield f"        {len(findings) - MOST_FINDINGS} more: {Path(sys.executable).name} -m ramba doctor"


__all__ = ["compare"]
