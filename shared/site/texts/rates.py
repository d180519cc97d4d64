"""Rates in French, honest about small numbers: « 25 sur 31, soit 81 % (entre 64 et 91 %) »."""

from typing import Final

FEW: Final = 10
"""Under so many judged, a percentage proves nothing and is not said."""


def number(part: float, *others: float) -> str:
    """Formats a share from 0 to 1 in per cent, without the sign: « 81 ».

    With decimals where it would read as 0, as 100 or as another of the shares named.
    """
    unlike = [other for other in (0.0, 1.0, *others) if other != part]
    said = ""
    for digits in range(3):
        said = f"{part * 100:.{digits}f}"
        if said not in {f"{other * 100:.{digits}f}" for other in unlike}:
            break
    return said.replace(".", ",")


def percentage(part: float, *others: float) -> str:
    """Formats a share from 0 to 1 in French: « 81 % »."""
    return f"{number(part, *others)}\N{NO-BREAK SPACE}%"


def whole(k: int, n: int, ends: tuple[float, float], waiting: int = 0, *others: float) -> str:
    """Formats a rate in French: `k` kept of `n` judged, with its interval; few by counts alone.

    `waiting`: promises that are not judged yet; `others`: shares that it must not read as.
    """
    if n == 0:
        return "rien à juger"
    counts = f"{k} sur {n}"
    if n < FEW:
        return counts
    low, high = ends
    said = f"entre {number(low, *others)} et {percentage(high, *others)}"
    if waiting:
        said += f", quoi que deviennent les {waiting} pas encore jugés"
    return f"{counts}, soit {percentage(k / n, *others)} ({said})"
