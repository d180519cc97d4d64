"""How far a rate of so many can be believed: Wilson's interval at 95 %."""

from math import sqrt

Z = 1.959963984540054


def interval(kept: int, n: int) -> tuple[float, float]:
    """Computes the confidence interval of a rate (Wilson, 95 %): both ends, 0 to 1."""
    if n == 0:
        return 0.0, 1.0
    rate, square = kept / n, Z * Z
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = Z * sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    # Where all or none were kept an end is exact, which floats miss by a hair.
    return (
        0.0 if kept == 0 else max(0.0, middle - half),
        1.0 if kept == n else min(1.0, middle + half),
    )
