#!/usr/bin/env python3
"""The demand network beside its peers: 10,000 series x 28 days, from a panel in memory to quantiles in
memory, in one process. Each part runs where its package is installed and is left out by name otherwise.

    python3 -m venv venv && venv/bin/pip install numpy safetensors torch onnx onnxscript onnxruntime \
        lightgbm statsforecast
    venv/bin/python benches/peers/compare.py --stockdeck target/release/stockdeck

The panel is that of `cargo bench --bench forecast`, which gives this program's own figure. With
--stockdeck, the program forecasts part of the panel and the PyTorch network must answer the same: that
proves that both are the same network. Shapes are read from models/demand.safetensors.
"""

import argparse
import csv
import importlib
import io
import os
import pathlib
import subprocess
import tempfile
import time

LEVELS = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99]
CONTEXT, HORIZON, TOGETHER, HEADS = 504, 28, 64, 4
OLD, RECENT = (14, 28), (16, 7)
YEAR = 364
FIRST_DAY = (2024, 1, 1)


def panel(count):
    """Lumpy series by the congruential generator of benches/forecast.rs: count x 504."""
    state, mask = 1, (1 << 64) - 1
    demand = np.zeros((count, CONTEXT), np.float32)
    scale = np.float32(1 << 24)
    one = lambda: np.float32(state >> 40) / scale
    for item in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & mask
        often = one() * np.float32(0.8) + np.float32(0.05)
        for day in range(CONTEXT):
            state = (state * 6364136223846793005 + 1442695040888963407) & mask
            if one() < often:
                state = (state * 6364136223846793005 + 1442695040888963407) & mask
                demand[item, day] = np.ceil(one() * np.float32(20.0))
    return demand


def features(demand, shapes):
    """What the network sees of daily series of a shop that never closes, each known from its first
    sale on, as src/model/features.rs makes it. What nobody knows here (price, promotion, shop,
    neighbours) is zero, as it is there."""
    count = len(demand)
    sold = demand > 0
    first = np.where(sold.any(1), sold.argmax(1), CONTEXT)
    known = (np.arange(CONTEXT)[None] >= first[:, None]).astype(np.float32)
    zero = np.zeros((count, 1), np.float32)
    sums = np.concatenate([zero, np.cumsum(demand * known, 1, dtype=np.float32)], 1)
    counts = np.concatenate([zero, np.cumsum(known, 1, dtype=np.float32)], 1)
    raw = lambda a, b: (sums[:, b] - sums[:, a]) / np.maximum(counts[:, b] - counts[:, a], 1)
    scale = np.maximum(0.5 * raw(0, CONTEXT) + 0.5 * raw(CONTEXT - 56, CONTEXT), 1 / counts[:, -1])
    size = np.arcsinh(demand / scale[:, None]) * known

    def mean(a, b):
        some = counts[:, b] - counts[:, a]
        return np.where(some > 0, np.arcsinh(raw(a, b) / scale), 0)

    steps = np.zeros((count, CONTEXT, 6), np.float32)
    steps[..., 0], steps[..., 1], steps[..., 2], steps[..., 3] = size, known, sold, 1
    split = OLD[0] * OLD[1]
    old = steps[:, :split].reshape(count, OLD[0], -1)
    weeks = np.stack([mean(a, a + 7) for a in range(0, split, 7)], 1).reshape(count, OLD[0], 4)
    whole = np.stack([mean(a, a + 28) for a in range(0, split, 28)], 1)[..., None]
    recent = steps[:, split:].reshape(count, RECENT[0], -1)
    lately = np.stack([mean(a, a + 7) for a in range(split, CONTEXT, 7)], 1)[..., None]

    def share(start):
        return sold[:, start:].sum(1) / np.maximum(known[:, start:].sum(1), 1)

    days = sold.sum(1)
    quiet = sold[:, ::-1].argmax(1)
    angle = 2 * np.pi * day_of_year() / 365
    circle = [f(k * angle) for k in (1, 2, 3) for f in (np.sin, np.cos)]
    columns = [np.log(np.maximum(scale, 1e-6)) / 3, counts[:, -1] / 100, np.log1p(counts[:, -1]) / 3]
    columns += [mean(CONTEXT - back, CONTEXT) for back in (7, 28, CONTEXT)]
    columns += [share(0), share(CONTEXT - 56), np.log1p(quiet) / 3]
    columns += [np.log(np.maximum(sums[:, -1] / np.maximum(days, 1) / scale, 0.1)) / 3]
    columns += [np.full(count, value) for value in (*circle, 1, 1, 0, 0, 0, 0)]
    fixed = np.stack(columns, 1)

    ahead = np.zeros((count, HORIZON, 7), np.float32)
    ahead[..., 0] = 1
    for step in range(HORIZON):
        for place, back in ((3, YEAR), (5, 2 * YEAR)):
            centre = CONTEXT + step - back
            if centre >= 0:
                a, b = max(centre - 3, 0), centre + 4
                ahead[:, step, place] = mean(a, b)
                ahead[:, step, place + 1] = counts[:, b] > counts[:, a]
    parts = {
        "old": np.concatenate([old, weeks, whole], 2),
        "recent": np.concatenate([recent, lately], 2),
        "static": fixed[:, None],
        "query": ahead.reshape(count, HORIZON // 7, -1),
    }
    for name, part in parts.items():
        missing = shapes[f"embed.{name}.weight"][1] - part.shape[2]
        parts[name] = np.pad(part, ((0, 0), (0, 0), (0, missing))).astype(np.float32)
    if "head.trust.weight" in shapes:
        parts["bases"] = bases(demand, known, sums, counts, scale)
    return parts, scale


def bases(demand, known, sums, counts, scale):
    """The simple forecasts that the network may lean on (src/model/base.rs): count x 2 x 28 x 2."""
    count = len(demand)

    def level(a, b):
        some = counts[:, b] - counts[:, a]
        value = (sums[:, b] - sums[:, a]) / np.maximum(some, 1) / scale
        return np.where((some > 0) & (4 * some >= b - a), value, np.nan)

    def average(places):
        """Mean of the first four known of some places."""
        value, have = np.zeros(count, np.float32), np.zeros(count, np.float32)
        for place in places:
            take = known[:, place] * (have < 4)
            value += take * demand[:, place] / scale
            have += take
        return np.where(have > 0, value / np.maximum(have, 1), np.nan)

    or_else = lambda one, other: np.where(np.isnan(one), other, one)
    usual = or_else(or_else(level(CONTEXT - 56, CONTEXT), level(0, CONTEXT)), 0)
    before = CONTEXT - YEAR
    then = level(before - 84, before)
    growth = np.clip(level(CONTEXT - 84, CONTEXT) / np.where(then > 0, then, np.nan), 0.25, 4)
    days = np.zeros((count, HORIZON, 2), np.float32)
    for step in range(HORIZON):
        last = CONTEXT + step % 7 - 7
        days[:, step, 0] = or_else(average([last - 7 * back for back in range(12)]), usual)
        centre = CONTEXT + step - YEAR
        season = average([centre - 7, centre, centre + 7])
        days[:, step, 1] = or_else(growth * season, days[:, step, 0])
    totals = np.arcsinh(np.cumsum(days, 1) / np.arange(1, HORIZON + 1)[None, :, None])
    return np.stack([np.arcsinh(days), totals], 1).astype(np.float32)


def day_of_year():
    import datetime

    ahead = datetime.date(*FIRST_DAY) + datetime.timedelta(CONTEXT)
    return ahead.timetuple().tm_yday - 1


def in_units(days, totals, scale):
    """Quantiles in counts, as src/model/forecaster.rs makes them."""
    scale = scale[:, None, None]
    back = lambda x, by: np.sort(np.maximum(np.sinh(np.minimum(x, 12)), 0) * by, 2)
    steps = np.arange(1, HORIZON + 1, dtype=np.float32)[None, :, None]
    return back(days, scale), np.maximum.accumulate(back(totals, scale * steps), 1)


def torch_network(weights):
    import torch
    from torch import nn
    from torch.nn import functional as F

    class Network(nn.Module):
        """Embedding, pre-norm blocks with ReLU, heads: src/model/network.rs."""

        def __init__(self):
            super().__init__()
            self.p = nn.ParameterDict(
                {name.replace(".", "-"): nn.Parameter(value) for name, value in weights.items()}
            )
            self.width = weights["position"].shape[1]
            self.blocks = 1 + max(int(n.split(".")[1]) for n in weights if n.startswith("block."))

        def linear(self, name, x):
            key = name.replace(".", "-")
            bias = self.p[f"{key}-bias"] if f"{key}-bias" in self.p else None
            return F.linear(x, self.p[f"{key}-weight"], bias)

        def norm(self, name, x):
            key = name.replace(".", "-")
            return F.layer_norm(x, (self.width,), self.p[f"{key}-weight"], self.p[f"{key}-bias"])

        def block(self, number, x, kept):
            name = f"block.{number}."
            normed = self.norm(name + "norm1", x)
            heads = lambda part, x: self.linear(name + part, x).unflatten(2, (HEADS, -1)).transpose(1, 2)
            found = F.scaled_dot_product_attention(
                heads("queries", normed[:, -kept:]), heads("keys", normed), heads("values", normed)
            )
            x = x[:, -kept:] + self.linear(name + "joined", found.transpose(1, 2).flatten(2))
            wide = F.relu(self.linear(name + "wide", self.norm(name + "norm2", x)))
            return x + self.linear(name + "narrow", wide)

        def forward(self, old, recent, static, query, bases=None):
            batch, queries = old.shape[0], query.shape[1]
            parts = [("old", old), ("recent", recent), ("static", static)]
            context = [self.linear(f"embed.{name}", x) for name, x in parts]
            if "embed-shop1-weight" in self.p:
                shop = old.new_zeros(batch, self.p["embed-shop1-weight"].shape[1])
                shop = self.linear("embed.shop2", F.relu(self.linear("embed.shop1", shop)))
                context.append(shop.unflatten(1, (-1, self.width)))
            context = torch.cat(context, 1) + self.p["position"]
            x = torch.cat([context, self.linear("embed.query", query) + self.p["query"]], 1)
            for number in range(self.blocks):
                x = self.block(number, x, queries if number + 1 == self.blocks else x.shape[1])
            hidden = F.relu(self.linear("head.hidden", self.norm("head.norm", x)))
            shape = (batch, HORIZON, len(LEVELS))
            days = self.linear("head.days", hidden).reshape(shape)
            totals = self.linear("head.totals", hidden).reshape(shape)
            if bases is not None:
                trust = torch.sigmoid(self.linear("head.trust", hidden))
                trust = trust.reshape(batch, queries, 2, HORIZON // queries, -1).transpose(1, 2)
                lean = (trust.reshape(bases.shape) * bases).sum(3, keepdim=True)
                days, totals = days + lean[:, 0], totals + lean[:, 1]
            return days, totals

    return Network().eval()


def timed(name, count, work):
    """Series a second by the clock; beside it by processor time, which other work disturbs less."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"{name:<52}{count / took:>8.0f} series/s  {count / busy:>8.0f} a processor second", flush=True)
    return count / busy


def run_batches(forward, demand, shapes):
    """Panel to quantiles, in batches, as the program does it."""
    answers = []
    for start in range(0, len(demand), TOGETHER):
        parts, scale = features(demand[start : start + TOGETHER], shapes)
        answers.append(in_units(*forward(list(parts.values())), scale))
    return [np.concatenate(part) for part in zip(*answers)]


def compare_torch(args, demand, weights, shapes):
    import torch

    torch.set_num_threads(args.threads)
    network = torch_network({name: torch.from_numpy(value) for name, value in weights.items()})

    def forward(parts):
        with torch.inference_mode():
            days, totals = network(*map(torch.from_numpy, parts))
        return days.numpy(), totals.numpy()

    run_batches(forward, demand[:TOGETHER], shapes)
    timed("PyTorch, panel to quantiles (numpy features)", len(demand),
          lambda: run_batches(forward, demand, shapes))
    parts = [features(demand[:TOGETHER], shapes)[0]] * (len(demand) // TOGETHER)
    rate = timed("PyTorch, the network alone", len(parts) * TOGETHER,
                 lambda: [forward(list(part.values())) for part in parts])
    if args.stockdeck:
        apart = furthest(args.stockdeck, demand[:200], run_batches(forward, demand[:200], shapes))
        print(f"furthest answer from the program's, as a share of 1 + it: {apart:.1e}")
        if apart > 1e-4:
            raise SystemExit("the PyTorch network is not the program's: it differs by more than 1e-4")
    return network, rate


def furthest(program, demand, answers):
    """How far the program's own answers lie from others, as a share of 1 + its own."""
    import datetime

    days = [datetime.date(*FIRST_DAY) + datetime.timedelta(day) for day in range(CONTEXT)]
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "panel.csv")
        with open(file, "w") as out:
            out.write("series_id,date,qty\n")
            for item, row in enumerate(demand):
                out.writelines(f"{item},{day},{units:.0f}\n" for day, units in zip(days, row))
        levels = ",".join(map(str, LEVELS))
        command = [program, "forecast", "--panel", str(file), "--model", "shipped", "--levels", levels]
        env = {**os.environ, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        told = subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout
    worst = 0.0
    for row in csv.reader(io.StringIO(told[told.index("\n") + 1 :])):
        item, step = int(row[0]), int(row[2])
        own = np.array(row[4:], np.float32)
        other = answers[0][item, step - 1] if step else answers[1][item, -1]
        # The program writes four decimals.
        worst = max(worst, float((np.maximum(abs(own - other) - 5e-5, 0) / (1 + own)).max()))
    return worst


def compare_onnx(args, demand, shapes, network, beside):
    import onnxruntime
    import torch

    parts = list(features(demand[:TOGETHER], shapes)[0].values())
    names = ["old", "recent", "static", "query", "bases"][: len(parts)]
    with tempfile.TemporaryDirectory() as folder:
        file = str(pathlib.Path(folder, "demand.onnx"))
        torch.onnx.export(network, tuple(map(torch.from_numpy, parts)), file, dynamo=True,
                          input_names=names, output_names=["days", "totals"], verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = args.threads
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    fed = dict(zip((each.name for each in session.get_inputs()), parts))
    with torch.inference_mode():
        expected = network(*map(torch.from_numpy, parts))[1].numpy()
    apart = abs(session.run(None, fed)[1] - expected).max()
    count = len(demand) // TOGETHER
    rate = timed("ONNX Runtime, the network alone", count * TOGETHER,
                 lambda: [session.run(None, fed) for _ in range(count)])
    print(f"  {rate / beside:.2f} times PyTorch; answers differ by {apart:.1e} at most")


def lag_features(demand):
    """The usual ones: means and shares of days with demand over a week to a year, last year's week,
    days since the last sale, and the step: one row for each step ahead."""
    columns = []
    for back in (7, 14, 28, 56, 91, 182, 364):
        part = demand[:, -back:]
        columns += [part.mean(1), (part > 0).mean(1)]
    columns.append((demand > 0)[:, ::-1].argmax(1))
    fixed = np.repeat(np.stack(columns, 1), HORIZON, 0)
    step = np.tile(np.arange(HORIZON), len(demand))
    weekday = np.stack([demand[:, -7 * k :: 7][:, :1].mean(1) for k in range(1, 9)], 1).mean(1)
    year = np.stack([demand[:, CONTEXT - YEAR + s - 7 : CONTEXT - YEAR + s + 7].mean(1)
                     for s in range(HORIZON)], 1).ravel()
    return np.column_stack([fixed, np.repeat(weekday, HORIZON), year, step, step % 7])


def compare_lightgbm(args, demand):
    import lightgbm

    known, ahead = demand[:1000, :-HORIZON], demand[:1000, -HORIZON:]
    seen = lag_features(np.pad(known, ((0, 0), (HORIZON, 0))))
    options = {"num_leaves": 31, "verbose": -1, "num_threads": args.threads, "objective": "quantile"}
    models = [
        lightgbm.train({**options, "alpha": q}, lightgbm.Dataset(seen, ahead.ravel()), 100)
        for q in LEVELS[2:12] + [0.5]
    ]
    some = demand[:2000]
    timed("LightGBM, 11 models x 100 trees, with its features", len(some),
          lambda: [model.predict(lag_features(some), num_threads=args.threads) for model in models])


def compare_ets(args, demand):
    from statsforecast.models import AutoETS

    some = demand[: args.ets]
    AutoETS(season_length=7).forecast(y=some[0, -182:], h=HORIZON, level=[80])
    timed("AutoETS (statsforecast), one thread", len(some), lambda: [
        AutoETS(season_length=7).forecast(y=row[-182:], h=HORIZON, level=list(range(20, 91, 10)))
        for row in some
    ])


def missing(*packages):
    """Which packages are not installed, said in a line."""
    absent = []
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError:
            absent.append(package)
    if absent:
        print(f"left out for want of {', '.join(absent)}: pip install {' '.join(absent)}")
    return bool(absent)


def main():
    here = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", default=here / "models/demand.safetensors")
    parser.add_argument("--series", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ets", type=int, default=40, help="series that AutoETS is given")
    parser.add_argument("--stockdeck", help="the program, to prove that the network is the same")
    args = parser.parse_args()
    if missing("numpy", "safetensors"):
        return
    global np
    import numpy as np
    from safetensors.numpy import load_file

    weights = load_file(str(args.weights))
    shapes = {name: value.shape for name, value in weights.items()}
    demand = panel(args.series)
    print(f"{args.series} series x {HORIZON} days, {args.threads} threads, one process")
    if not missing("torch"):
        network, beside = compare_torch(args, demand, weights, shapes)
        if not missing("onnx", "onnxscript", "onnxruntime"):
            compare_onnx(args, demand, shapes, network, beside)
    if not missing("lightgbm"):
        compare_lightgbm(args, demand)
    if not missing("statsforecast"):
        compare_ets(args, demand)


if __name__ == "__main__":
    main()
