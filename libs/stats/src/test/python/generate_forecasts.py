# SPDX-License-Identifier: Apache-2.0
"""Writes the reference answers of Holt-Winters smoothing with statsmodels.

Run from libs/stats with Debian's python3-statsmodels:
/usr/bin/python3 src/test/python/generate_forecasts.py
The versions that made the checked-in file are in its first line.
"""

import pathlib

import numpy as np
import pandas as pd
import scipy
import statsmodels
from scipy import optimize
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

ROOT = pathlib.Path("src/test/resources/io/millrace/stats")


def text(values):
    return " ".join(repr(float(v)) for v in values)


def holt_winters_cases():
    rng = np.random.default_rng(20260102)
    lines = []
    for name, period, size, alpha, beta, gamma in [
        ("week", 7, 70, 0.3, 0.1, 0.2),
        ("day", 24, 240, 0.15, 0.05, 0.4),
        ("fixed season", 4, 40, 0.6, 0.02, 0.0),
    ]:
        season = rng.normal(0, 20, period)
        season -= season.mean()
        t = np.arange(size)
        values = 200 + 0.3 * t + season[t % period] + rng.normal(0, 5, size)
        start = {"initial_level": 199.0, "initial_trend": 0.1, "initial_seasonal": season + 1}
        model = ExponentialSmoothing(
            values, trend="add", seasonal="add", seasonal_periods=period,
            initialization_method="known", **start,
        )
        fit = model.fit(
            smoothing_level=alpha, smoothing_trend=beta, smoothing_seasonal=gamma, optimized=False
        )
        # The variance of several steps, from the state space form of the same method: there the
        # weight of the trend is of the error and not of the level's move.
        ets = ETSModel(
            pd.Series(values), error="add", trend="add", seasonal="add", seasonal_periods=period,
            initialization_method="known", **start,
        )
        parameters = dict(zip(ets.param_names, ets.start_params))
        parameters["smoothing_level"] = alpha
        parameters["smoothing_trend"] = alpha * beta
        parameters["smoothing_seasonal"] = gamma
        smoothed = ets.smooth([parameters[p] for p in ets.param_names])
        variance = smoothed.get_prediction(start=size, end=size + period + 1).forecast_variance
        lines.append(";".join([
            name, str(period), text([alpha, beta, gamma]),
            text([start["initial_level"], start["initial_trend"]]),
            text(start["initial_seasonal"]), text(values),
            text(fit.fittedvalues), repr(float(fit.forecast(1)[0])),
            repr(float(np.sum((values - fit.fittedvalues) ** 2))),
            text(np.asarray(variance) / np.asarray(variance)[0]),
            repr(float(best(model))),
        ]))
    return lines


def best(model):
    """The least sum of squares over the weights alone, found by SciPy from several starts."""

    def squares(weights):
        alpha, beta, gamma = np.clip(weights, 0, 1)
        fit = model.fit(
            smoothing_level=alpha, smoothing_trend=beta, smoothing_seasonal=gamma, optimized=False
        )
        return np.sum((model.endog - fit.fittedvalues) ** 2)

    starts = [[0.1, 0.05, 0.1], [0.5, 0.1, 0.3], [0.05, 0.01, 0.02], [0.8, 0.3, 0.6]]
    return min(
        optimize.minimize(squares, start, method="Nelder-Mead", options={"xatol": 1e-4}).fun
        for start in starts
    )


header = (
    f"# numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__};"
    " made by generate_forecasts.py\n"
)
path = ROOT / "forecast" / "holt-winters.csv"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(header + "\n".join(holt_winters_cases()) + "\n")
