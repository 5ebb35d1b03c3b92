# SPDX-License-Identifier: Apache-2.0
"""Recomputes a retail dataset from the CSV alone and compares: every label, and every feature of
every Nth customer. Shares no code with Millrace. Needs `pip install duckdb`.

  ./millrace dataset retail --out DIR
  python3 examples/retail/check-dataset.py online-retail.csv.gz DIR/rows.parquet [N]
"""
import bisect
import collections
import csv
import datetime
import gzip
import math
import sys
import zoneinfo

import duckdb

LONDON = zoneinfo.ZoneInfo("Europe/London")
HOUR, DAY = 3_600_000, 86_400_000
TILES = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
         180_000, 300_000, 600_000, 900_000, 1_200_000, 1_800_000, HOUR, 2 * HOUR, 3 * HOUR,
         4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 6 * DAY]
Line = collections.namedtuple("Line", "number customer ms invoice quantity price")


def lines(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if row["CustomerID"]:
                time = datetime.datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S")
                yield Line(number, row["CustomerID"],
                           int(time.replace(tzinfo=LONDON).timestamp() * 1000),
                           row["InvoiceNo"], int(row["Quantity"]), float(row["UnitPrice"]))


def window(events, now, length):
    """Known events in the tiles of (now - length, now]; a tile is at most 1/60 of the window."""
    tile = max(each for each in TILES if each <= length // 60)
    first, last = (now - length + 1) // tile, now // tile
    return [e for e in events if e.ms <= now and first <= e.ms // tile <= last]


def features(orders, returns, now):
    past = [e for e in orders if e.ms <= now]
    values = {
        "customer_orders.lines_ever": len(past),
        "customer_orders.spend_ever": sum(e.quantity * e.price for e in past),
        "customer_orders.quantity_max_ever": max((e.quantity for e in past), default=None),
        "customer_orders.since_first_s": (now - min(e.ms for e in past)) / 1000 if past else None,
        "customer_returns.lines_30d": len(window(returns, now, 30 * DAY)),
        "customer_returns.lines_ever": sum(e.ms <= now for e in returns),
        "customer_returns.value_90d":
            sum(-e.quantity * e.price for e in window(returns, now, 90 * DAY)),
    }
    for days in (1, 7, 30, 90):
        inside = window(orders, now, days * DAY)
        values[f"customer_orders.lines_{days}d"] = len(inside)
        values[f"customer_orders.spend_{days}d"] = sum(e.quantity * e.price for e in inside)
        if days > 1:
            values[f"customer_orders.orders_{days}d"] = len({e.invoice for e in inside})
        count = len(inside)
        if days == 30:
            mean = sum(e.price for e in inside) / count if count else None
            values["customer_orders.price_mean_30d"] = mean
        if days == 90:
            mean = sum(e.quantity for e in inside) / count if count else None
            values["customer_orders.quantity_mean_90d"] = mean
    return values


def equal(a, b):
    return a is b is None or (a is not None and b is not None
                              and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-7))


def main(source, dataset, every):
    by_number, by_customer = {}, collections.defaultdict(list)
    for line in lines(source):
        by_number[line.number] = line
        by_customer[line.customer].append(line)
    positives = {c: sorted(e.ms for e in es if e.quantity > 0) for c, es in by_customer.items()}
    query = duckdb.sql(
        "select * exclude (known_at) replace (epoch_ms(moment::timestamp) as moment)"
        f" from '{dataset}'")
    columns = query.columns
    chosen = {c for i, c in enumerate(sorted(by_customer)) if i % every == 0}
    rows = wrong_labels = checked = wrong = 0
    for values in query.fetchall():
        row = dict(zip(columns, values))
        line = by_number[int(row["prediction_id"].rsplit(":", 1)[1])]
        times = positives[line.customer]
        at = bisect.bisect_right(times, line.ms + DAY)
        label = float(at < len(times) and times[at] <= line.ms + 30 * DAY)
        rows += 1
        wrong_labels += row["moment"] != line.ms or row["label"] != label
        if line.customer in chosen:
            own = by_customer[line.customer]
            orders = [e for e in own if e.quantity > 0 and e.price > 0]
            returns = [e for e in own if e.quantity < 0]
            for name, value in features(orders, returns, line.ms).items():
                checked += 1
                if not equal(row[name], value):
                    wrong += 1
                    print(row["prediction_id"], name, "is", row[name], "should be", value)
    print(f"{rows} rows, {wrong_labels} with a wrong moment or label; "
          f"{checked} feature values checked, {wrong} wrong")
    return rows == 0 or wrong_labels > 0 or checked == 0 or wrong > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 40))
