"""PageRank: what pages get is the sum of groups of links, those that lead to one page."""

import sys

import ramba as np


def main():
    pages = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    links = 10 * pages
    rng = np.random.default_rng(3)
    origin, target = rng.integers(0, pages, links), (pages * rng.random(links) ** 3).astype(np.int64)
    out = np.bincount(origin, minlength=pages)
    arriving = np.groupby(np.ones(links), target, num_groups=pages)
    rank = np.full(pages, 1 / pages)
    steps, change = 0, 1.0
    while change > 1e-9:
        share = np.where(out > 0, rank / np.maximum(out, 1), 0.0)
        lost = rank[out == 0].sum()
        got = np.groupby(share[origin], target, num_groups=pages).sum()
        new = 0.15 / pages + 0.85 * (got + lost / pages)
        change = float(np.abs(new - rank).sum())
        rank = new
        steps += 1
    print(f"{steps} steps, sum {float(rank.sum()):.9f}")
    best = np.argsort(-rank)[:3]
    for page in best.tolist():
        print(f"page {page}: {float(rank[page]) * pages:.4f}, {int(arriving.sum()[page])} links")


if __name__ == "__main__":
    main()
