"""What the doctor says of sources that cannot be asked."""

import pytest

from app.doctor import examine
from app.settings import configure


@pytest.mark.parametrize(
    ("told", "is_well", "said"),
    [
        pytest.param({"webhook_secret": "s-1"}, True, "GS1 EPCIS sends, and is not asked", id="it can prove itself"),
        pytest.param({"events_token": "t-1"}, True, "GS1 EPCIS sends, and is not asked", id="by canonical events"),
        pytest.param({}, False, "nothing that it sends would be taken", id="it cannot"),
    ],
)
async def test_a_source_that_only_sends_is_well_if_it_can_prove_who_it_is(tmp_path, told, is_well, said):
    source = {"id": "warehouse", "adapter": "epcis"} | told
    findings = await examine(configure({"data_dir": str(tmp_path), "sources": [source]}, {}))
    [found] = [each for each in findings if each.part == "source warehouse"]
    assert (found.is_well, found.says) == (is_well, said)
    assert bool(found.advice) == (not is_well)
