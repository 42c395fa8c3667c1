"""European, Asian and barrier options by Monte Carlo, beside the formula of Black and Scholes."""

import math
import sys

import numpy as np


def paths(count, steps, start, rate, volatility, years, rng):
    """Prices of the share at the end of each step (count x steps)."""
    dt = years / steps
    noise = rng.standard_normal((count // 2, steps))
    noise = np.concatenate([noise, -noise])  # antithetic
    growth = (rate - volatility**2 / 2) * dt + volatility * math.sqrt(dt) * noise
    return start * np.exp(np.cumsum(growth, axis=1))


def priced(payoff, rate, years):
    """The mean of what is paid, discounted, and its standard error."""
    discounted = math.exp(-rate * years) * payoff
    return discounted.mean(), discounted.std() / math.sqrt(len(payoff))


def black_scholes(start, strike, rate, volatility, years):
    """The price of a call."""
    d1 = (math.log(start / strike) + (rate + volatility**2 / 2) * years) / (volatility * math.sqrt(years))
    normal = lambda x: (1 + math.erf(x / math.sqrt(2))) / 2  # noqa: E731
    return start * normal(d1) - strike * math.exp(-rate * years) * normal(d1 - volatility * math.sqrt(years))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    start, strike, rate, volatility, years = 100.0, 105.0, 0.03, 0.2, 1.0
    prices = paths(count, 64, start, rate, volatility, years, np.random.default_rng(10))
    last = prices[:, -1]
    payoffs = {
        "call": np.maximum(last - strike, 0),
        "put": np.maximum(strike - last, 0),
        "asian": np.maximum(prices.mean(axis=1) - strike, 0),
        "barrier": np.where(prices.max(axis=1) < 130, np.maximum(last - strike, 0), 0),
        "lookback": last - prices.min(axis=1),
    }
    for name, payoff in payoffs.items():
        price, error = priced(payoff, rate, years)
        print(f"{name:9} {price:8.4f} +- {error:.4f}")
    print(f"formula   {black_scholes(start, strike, rate, volatility, years):8.4f}")


if __name__ == "__main__":
    main()
