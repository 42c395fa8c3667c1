"""PageRank by power iteration over a list of links."""

import sys

import numpy as np


def links(pages, each, rng):
    """Random links, most of them to pages with low numbers; every page has some."""
    source = np.repeat(np.arange(pages), each)
    target = (pages * rng.random(pages * each) ** 3).astype(int)
    other = source != target
    return source[other], target[other]


def pagerank(source, target, pages, damping=0.85, tolerance=1e-10):
    """Ranks, which add up to 1, and the number of rounds that it took."""
    degree = np.bincount(source, minlength=pages)
    rank = np.full(pages, 1 / pages)
    change, turns = 1.0, 0
    while change > tolerance:
        share = np.where(degree > 0, rank / np.maximum(degree, 1), 0.0)
        lost = rank[degree == 0].sum()
        new = (1 - damping + damping * lost) / pages + damping * np.bincount(
            target, weights=share[source], minlength=pages
        )
        change = np.abs(new - rank).sum()
        rank, turns = new, turns + 1
    return rank, turns


def main():
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    source, target = links(pages, 8, np.random.default_rng(9))
    rank, turns = pagerank(source, target, pages)
    best = np.argsort(-rank, kind="stable")[:5]
    print(f"{len(source)} links, {turns} rounds, sum {rank.sum():.6f}")
    for page in best:
        print(f"page {page:6}: {rank[page]:.8f}")
    print("deciles", " ".join(f"{x:.3e}" for x in np.quantile(rank, [0.1, 0.5, 0.9])))


if __name__ == "__main__":
    main()
