# SPDX-License-Identifier: GPL-2.0
"""Medians and their confidence intervals, without assuming any distribution."""

from math import comb


def median(values):
    return quantile(values, 0.5)


def quantile(values, q):
    v = sorted(values)
    at = q * (len(v) - 1)
    low = int(at)
    high = min(low + 1, len(v) - 1)
    return v[low] + (v[high] - v[low]) * (at - low)


def interval(values, level):
    """Confidence interval of the median from order statistics: the k-th value
    from either end, with k as large as the binomial distribution allows. With
    too few values for the wanted level, (-inf, inf)."""
    v = sorted(values)
    n = len(v)
    tail = 0.0
    k = 0
    while k < n // 2:
        tail += comb(n, k) / 2 ** n
        if 2 * tail > 1 - level:
            break
        k += 1
    if k == 0:
        return float("-inf"), float("inf")
    return v[k - 1], v[n - k]


def ratios(of, to):
    """The ratio in each round: what disturbs a round disturbs both figures of it."""
    return [a / b for a, b in zip(of, to)]
