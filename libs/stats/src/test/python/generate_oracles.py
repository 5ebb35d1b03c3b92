# SPDX-License-Identifier: Apache-2.0
"""Writes the reference answers of the tests of libs/stats with NumPy, SciPy and statsmodels.

Run from libs/stats with Debian's python3-scipy and python3-statsmodels:
/usr/bin/python3 src/test/python/generate_oracles.py
The versions that made the checked-in files are in the first line of each.

The streams follow the seeds and calls that River's public tests of its drift detectors describe;
only numbers come from there.
"""

import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import stats
from scipy.spatial import distance
from statsmodels.stats.multitest import multipletests

HEADER = (
    f"# numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__};"
    " made by generate_oracles.py\n"
)
ROOT = pathlib.Path("src/test/resources/io/millrace/stats")


def text(values):
    return " ".join(repr(float(v)) for v in values)


def two_sample_cases():
    rng = np.random.default_rng(20260101)
    pairs = {
        "tiny": (rng.normal(size=5), rng.normal(0.8, 1, size=7)),
        "small": (rng.normal(size=12), rng.normal(0.5, 1.5, size=15)),
        "tied": (rng.integers(0, 6, 40).astype(float), rng.integers(1, 7, 35).astype(float)),
        "large": (rng.normal(size=300), rng.normal(0.2, 1, size=250)),
        "same": (rng.exponential(size=200), rng.exponential(size=150)),
        "heavy": (rng.standard_t(2, size=120), rng.standard_t(2, size=180) * 1.7),
        # The draws of Evidently's public tests, whose figures DriftKnownAnswersTest names.
        "evidently": (
            stats.norm.rvs(size=100, random_state=0),
            stats.norm.rvs(size=100, random_state=1),
        ),
    }
    lines = []
    for name, (x, y) in pairs.items():
        small = x.size * y.size <= 10_000
        ks = stats.ks_2samp(x, y, method="exact" if small else "asymp")
        # The limiting distribution, which SciPy does not offer for two samples.
        en = x.size * y.size / (x.size + y.size)
        p_ks = ks.pvalue if small else stats.kstwobign.sf(np.sqrt(en) * ks.statistic)
        tied = np.unique(np.concatenate([x, y])).size < x.size + y.size
        exact = max(x.size, y.size) <= 20 and not tied
        mw = stats.mannwhitneyu(
            x, y, alternative="two-sided", method="exact" if exact else "asymptotic"
        )
        ad = stats.anderson_ksamp([x, y], midrank=True)
        cvm = stats.cramervonmises_2samp(x, y, method="asymptotic")
        answers = [
            ("kolmogorov_smirnov", ks.statistic, p_ks),
            ("mann_whitney", mw.statistic, mw.pvalue),
            ("anderson_darling", ad.statistic, ad.pvalue),
            ("cramer_von_mises", cvm.statistic, cvm.pvalue),
            ("wasserstein", stats.wasserstein_distance(x, y), 0),
            ("energy", stats.energy_distance(x, y), 0),
        ]
        for test, statistic, p in answers:
            lines.append(f"{name};{test};{float(statistic)!r};{float(p)!r};{text(x)};{text(y)}")
    return lines


def table_cases():
    lines = []
    tables = {
        "dice": ([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]),
        "scaled": ([32, 36, 32, 28, 24, 24], [16, 16, 16, 16, 16, 8]),
        "three": ([200, 300, 500], [180, 340, 480]),
        "evidently": ([5, 5, 8], [4, 6, 8]),
    }
    for name, (p, q) in tables.items():
        two = stats.chi2_contingency([p, q], correction=False)
        lines.append(f"{name};chi_squared;{float(two.statistic)!r};{float(two.pvalue)!r};{text(p)};{text(q)}")
        expected = np.array(p) * sum(q) / sum(p)
        fit = stats.chisquare(q, expected)
        lines.append(f"{name};goodness;{float(fit.statistic)!r};{float(fit.pvalue)!r};{text(p)};{text(q)}")
        two = stats.chi2_contingency([p, q], correction=False, lambda_="log-likelihood")
        lines.append(f"{name};g;{float(two.statistic)!r};{float(two.pvalue)!r};{text(p)};{text(q)}")
        fit = stats.power_divergence(q, expected, lambda_="log-likelihood")
        lines.append(f"{name};g_goodness;{float(fit.statistic)!r};{float(fit.pvalue)!r};{text(p)};{text(q)}")
    for name, (a, n, b, m) in {
        "rare": (1, 40, 7, 38), "none": (0, 100, 9, 120), "even": (10, 20, 12, 25)
    }.items():
        fisher = stats.fisher_exact([[a, n - a], [b, m - b]])
        lines.append(f"{name};fisher;0.0;{float(fisher.pvalue)!r};{text([a, n])};{text([b, m])}")
    for name, (a, n, b, m) in {"z": (45, 500, 70, 520), "zsmall": (4, 60, 9, 55)}.items():
        pooled = (a + b) / (n + m)
        z = (b / m - a / n) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        p = 2 * stats.norm.sf(abs(z))
        lines.append(f"{name};z;{float(z)!r};{float(p)!r};{text([a, n])};{text([b, m])}")
    return lines


def distance_cases():
    """Each against the definition, over tables with empty cells on either side."""
    rng = np.random.default_rng(11)
    lines = []
    for name, p, q in [
        ("dice", np.array([16, 18, 16, 14, 12, 12]), np.array([16, 16, 16, 16, 16, 8])),
        ("unequal", rng.integers(1, 50, 12), rng.integers(1, 500, 12)),
        ("holes", np.array([5, 0, 3, 7, 1]), np.array([2, 4, 0, 9, 3])),
        ("apart", np.array([3, 4, 0, 0]), np.array([0, 0, 2, 9])),
    ]:
        a, b = p / p.sum(), q / q.sum()
        answers = {
            "L_INFINITY": np.abs(a - b).max(),
            "TOTAL_VARIATION": np.abs(a - b).sum() / 2,
            "JENSEN_SHANNON_DISTANCE": distance.jensenshannon(a, b, base=2),
            "JENSEN_SHANNON": distance.jensenshannon(a, b, base=2) ** 2,
            "HELLINGER": np.sqrt(np.sum((np.sqrt(a) - np.sqrt(b)) ** 2) / 2),
        }
        if (p > 0).all() and (q > 0).all():
            answers["KULLBACK_LEIBLER"] = stats.entropy(b, a)
            answers["POPULATION_STABILITY_INDEX"] = stats.entropy(b, a) + stats.entropy(a, b)
        for divergence, value in answers.items():
            lines.append(f"{name};{divergence};{float(value)!r};{text(p)};{text(q)}")
    return lines


def discovery_cases():
    rng = np.random.default_rng(12)
    lines = []
    for name, p in {
        "uniform": rng.uniform(size=40),
        "mixed": np.concatenate([rng.uniform(size=30), rng.uniform(size=10) ** 6]),
        "tied": np.round(rng.uniform(size=25), 1),
    }.items():
        # SciPy has it from 1.11 on, which Debian 12 has not.
        adjusted = multipletests(p, method="fdr_bh")[1]
        lines.append(f"{name};{text(p)};{text(adjusted)}")
    return lines


def moment_cases():
    rng = np.random.default_rng(7)
    lines = []
    for name, x in {
        "normal": rng.normal(5, 2, 1000),
        "lognormal": rng.lognormal(0, 1, 1000),
        "offset": rng.normal(1e6, 0.5, 500),
    }.items():
        lines.append(
            f"{name};{float(np.mean(x))!r};{float(np.var(x, ddof=1))!r};"
            f"{float(stats.skew(x))!r};{float(stats.kurtosis(x))!r};{text(x)}"
        )
    return lines


def streams():
    np.random.seed(12345)
    first = np.concatenate((np.random.randint(2, size=1000), np.random.randint(8, size=1000)))
    np.random.seed(12345)
    second = np.concatenate(
        [[np.random.binomial(1, p) for _ in range(1000)] for p in (0.2, 0.8)]
    )
    np.random.seed(12345)
    third = np.concatenate(
        [np.random.normal(mean, 0.1, 500) > 0 for mean in (0.0, 0.25, 0.0, 0.25)]
    ).astype(int)
    return ["".join(str(int(v)) for v in s) for s in (first, second, third)]


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + "\n".join(lines) + "\n")


write(ROOT / "test" / "two-sample.csv", two_sample_cases())
write(ROOT / "test" / "tables.csv", table_cases())
write(ROOT / "test" / "discoveries.csv", discovery_cases())
write(ROOT / "distance" / "divergences.csv", distance_cases())
write(ROOT / "profile" / "moments.csv", moment_cases())
write(ROOT / "detector" / "streams.txt", streams())
