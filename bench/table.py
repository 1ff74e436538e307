"""What was measured, as a table that reads well here and in a document: medians over rounds, spread, ratios.

A ratio is the median of the ratios of each round: what slowed one round slowed both who are compared.
"""

import math
import statistics

from bench.contenders import CASEFOLD, LIMIT

NONE = "-"


def section(temperature, found, answers):
    """The lines of all tables of a temperature."""
    questions = dict.fromkeys(question for question, _ in found)
    lines = [f"### {temperature.name}: {temperature.told}", ""]
    for question in questions:
        measures = {name: each for (asked, name), each in found.items() if asked == question}
        leaves = sum(answers.leaves[question].values())
        lines += [f"{question}, {leaves} leaves, {answers.size[question]:,} bytes", ""]
        lines += [*padded(_paced(temperature, measures) if temperature.rate else _closed(measures)), ""]
    return lines


def _closed(measures):
    """As many answers as there are: how many, and of the limit and of each peer what share."""
    yield ["", "answers/s", "spread", "of the limit", "Casefold is", "p50 ms", "p99 ms", *_COUNTED]
    for name, each in measures.items():
        yield [
            name,
            f"{median(each):,.0f}",
            spread(each),
            ratio(each, measures.get(LIMIT)),
            NONE if name == CASEFOLD else ratio(measures[CASEFOLD], each, "x"),
            f"{median(each, 'p50_ms'):.2f}",
            f"{median(each, 'p99_ms'):.2f}",
            *_counts(each),
        ]


def _paced(temperature, measures):
    """As many as are asked for: how much later than the slowest system."""
    yield ["", "answers/s", "p50 ms", "p99 ms", "added p50", "added p99", *_COUNTED]
    for name, each in measures.items():
        late = [median(each, "p50_ms"), median(each, "p99_ms")]
        added = [f"{ms - temperature.delay_ms:.1f}" for ms in late]
        yield [name, f"{median(each):,.0f}", *(f"{ms:.1f}" for ms in late), *added, *_counts(each)]


_COUNTED = ("calls", "Redis")
"""For each answer: calls that systems of record counted, commands that Redis counted."""


def _counts(measured):
    return f"{measured.calls:.2f}", NONE if measured.commands is None else f"{measured.commands:.2f}"


def median(measured, field="per_second"):
    return statistics.median(getattr(each, field) for each in measured.results)


def spread(measured):
    """From the slowest round to the fastest, in percent of the median."""
    rates = [each.per_second for each in measured.results]
    return f"{(max(rates) - min(rates)) / statistics.median(rates):.0%}"


def ratio(measured, to, unit=""):
    """How many times as many answers a second; nothing is said of who gave none in a round."""
    if to is None or not all(each.per_second for each in to.results):
        return NONE
    return shown(statistics.median(ratios(measured, to))) + unit


def ratios(measured, to):
    """The same of each round."""
    pairs = zip(measured.results, to.results, strict=True)
    return [one.per_second / (other.per_second or math.nan) for one, other in pairs]


def shown(number):
    return f"{number:.3f}" if number < 1 else f"{number:.2f}"


def padded(rows):
    """Rows as Markdown, columns under each other; the first holds names."""
    rows = [list(row) for row in rows]
    widths = [max(3, *(len(row[n]) for row in rows)) for n in range(len(rows[0]))]
    lines = [" | ".join(_cell(n, cell, widths[n]) for n, cell in enumerate(row)) for row in rows]
    lines.insert(1, " | ".join(("-" * width if not n else "-" * (width - 1) + ":") for n, width in enumerate(widths)))
    return [f"| {line} |" for line in lines]


def _cell(column, text, width):
    return text.rjust(width) if column else text.ljust(width)
