"""Named runs in docs/performance.md: each between marks of its own, where the next run of the name takes its place."""

import re

from bench.processes import HERE

DOCUMENT = HERE / "docs" / "performance.md"


def save(name, lines):
    """Write what was measured under the name of the run; what other runs measured stays."""
    text = DOCUMENT.read_text(encoding="utf-8")
    begin, end = f"<!-- run {name} -->", f"<!-- end of run {name} -->"
    block = "\n".join([begin, f"## Run {name}", "", *lines, end])
    kept = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not kept.search(text):
        text = f"{text.rstrip()}\n\n{begin}{end}\n"
    text = kept.sub(lambda _: block, text)
    DOCUMENT.write_text(text, encoding="utf-8")
