"""Functions that are ill, each in its own way, and healthy ones: the doctor has to tell."""

from __future__ import annotations

from typing import Any

from tests.subject import ramba as np


def looks(a: Any) -> None:
    for _ in range(100):
        float((a * 2.0 + 1.0).sum())  # ill


def elements(a: Any) -> None:
    total = 0.0
    for i in range(len(a)):
        total += a[i]  # ill


def writes(a: Any) -> None:
    for i in range(len(a)):
        a[i] = 1.5  # ill


def builtin(a: Any) -> None:
    sum(a)  # ill


def loop(a: Any) -> None:
    total = 0.0
    for x in a:  # ill
        total += x


def fallback(a: Any) -> None:
    np.i0(a)  # ill


def moving(a: Any) -> None:
    for n in range(150_000, 150_200):
        float((a[:n] + 1).sum())  # ill


def kernels(a: Any) -> None:
    for n in range(1, 9):
        x = a
        for _ in range(n):
            x = np.sqrt(x) + 1.0
        float(x.sum())  # ill


def healthy(a: Any) -> None:
    for _ in range(20):
        a = np.sqrt(a * a + 1.0)
    float(a.sum())
