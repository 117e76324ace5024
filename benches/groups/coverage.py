"""How often the 28-day totals of groups stay under their 0.9 quantile.

python3 benches/groups/coverage.py STOCKDECK ONLINE_RETAIL_FOLDER [ORIGIN,...]

Groups are the first words of the descriptions in panel_skus.csv.gz. Beside the totals stands what
the parts' own 0.9 quantiles add up to, as if all moved as one.
"""

import csv
import gzip
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

HORIZON = 28


def forecast(program, panel, origins, *more):
    command = [program, "forecast", "--panel", panel, "--origins", ",".join(origins), "--levels", "0.1,0.5,0.9,0.95"]
    text = subprocess.run([*command, *more], check=True, capture_output=True, text=True).stdout
    return [row for row in csv.reader(text.splitlines()[1:]) if row[2] == "0"]


def main(program, folder, origins="2011-08-19,2011-09-16"):
    folder, origins = Path(folder), origins.split(",")
    panel = str(folder / "panel_daily.csv.gz")
    with gzip.open(folder / "panel_skus.csv.gz", "rt") as lines:
        group_of = {row["series_id"]: (row["description"].split() or ["?"])[0] for row in csv.DictReader(lines)}
    sold = defaultdict(float)
    first = {origin: date.fromisoformat(origin) + timedelta(days=1) for origin in origins}
    with gzip.open(panel, "rt") as lines:
        for row in csv.DictReader(lines):
            day = date.fromisoformat(row["date"])
            for origin in origins:
                if 0 <= (day - first[origin]).days < HORIZON:
                    sold[group_of[row["series_id"]], origin] += float(row["qty"])
    with tempfile.TemporaryDirectory() as scratch:
        items = Path(scratch) / "items.csv"
        with items.open("w") as out:
            writer = csv.writer(out)
            writer.writerow(["series_id", "description", "category"])
            writer.writerows([series, "", group] for series, group in group_of.items())
        totals = forecast(program, panel, origins, "--items", str(items), "--by", "category")
        alone = forecast(program, panel, origins, "--items", str(items))
    parts = defaultdict(list)
    for row in alone:
        parts[group_of[row[0]], row[1]].append([float(field) for field in row[3:]])
    print("SKUs in a group  groups  under 0.1  under 0.5  under 0.9  under 0.95  parts' 0.9 added up")
    for least, most in [(1, 1), (2, 4), (5, 9), (10, 9_999), (2, 9_999)]:
        under, as_one = [], []
        for group, origin, _, mean, *quantiles in totals:
            of = parts[group, origin]
            assert abs(sum(part[0] for part in of) - float(mean)) <= 1e-3 * float(mean) + 0.1, "means add up"
            if least <= len(of) <= most:
                units = sold[group, origin]
                under.append([units <= float(quantile) for quantile in quantiles])
                as_one.append(units <= sum(part[3] for part in of))
        shares = "".join(f"{sum(column) / len(under):11.3f}" for column in zip(*under))
        size = f"{least} and more" if most == 9_999 else f"{least} to {most}"
        print(f"{size:15}{len(under):8}{shares}{sum(as_one) / len(under):13.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
