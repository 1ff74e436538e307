import json

import httpx
import pytest

from domain.errors import Missing, UnusableAnswer
from sources.easypost import SOURCE
from tests.sources.calling import URL, Calling, lookup
from tests.sources.easypost.recorded import body, claim, tracker


@pytest.fixture
async def easypost():
    async with Calling(SOURCE, token="EZTK-1", claim_pages=2) as calling:
        yield calling


def parcel(code, issuer=None):
    return lookup("SHIPMENT", "TRACKING", code, issuer)


async def test_many_codes_are_one_call(easypost):
    answer = {"trackers": [tracker(tracking_code="A"), tracker(tracking_code="B")], "has_more": False}
    route = easypost.router.post(f"{URL}/v2/trackers/batch").respond(json=answer)
    findings = await easypost.fetch("trackers", parcel("A"), parcel("B"), parcel("C"))
    assert route.call_count == 1
    assert json.loads(route.calls[0].request.content) == {"tracking_codes": ["A", "B", "C"]}
    assert route.calls[0].request.headers["authorization"] == "Basic RVpUSy0xOg=="
    assert [found[0].key.id for found in findings.found.values()] == ["USPS:A", "USPS:B"]
    assert parcel("C") not in findings.found
    assert not findings.unusable


async def test_a_code_of_two_carriers_is_two_parcels_unless_the_carrier_is_said(easypost):
    answer = {"trackers": [tracker(carrier="UPS"), tracker(carrier="DHL")]}
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json=answer)
    both, one, other = parcel("EZ1000000001"), parcel("EZ1000000001", "ups"), parcel("EZ1000000001", "Some Freight Ltd")
    findings = await easypost.fetch("trackers", both, one, other)
    ids = {lookup: sorted(snapshot.key.id for snapshot in found) for lookup, found in findings.found.items()}
    assert ids == {both: ["DHL:EZ1000000001", "UPS:EZ1000000001"], one: ["UPS:EZ1000000001"], other: ids[both]}


async def test_a_recycled_code_is_the_newest_parcel(easypost):
    old = tracker(created_at="2024-01-01T00:00:00Z", status="delivered")
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json={"trackers": [tracker(), old]})
    findings = await easypost.fetch("trackers", parcel("EZ1000000001"))
    [found] = findings.found[parcel("EZ1000000001")]
    assert found.content.source_status == "pre_transit"


async def test_a_tracker_by_its_id_and_by_the_id_under_which_we_show_it(easypost):
    name = body("tracker.retrieve")["id"]
    easypost.router.get(f"{URL}/v2/trackers/{name}").respond(json=tracker())
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json={"trackers": [tracker()]})
    own, shown = lookup("SHIPMENT", "SHIPMENT_ID", name), lookup("SHIPMENT", "SHIPMENT_ID", "USPS:EZ1000000001")
    findings = await easypost.fetch("trackers", own, shown)
    assert [found[0].key.id for found in findings.found.values()] == ["USPS:EZ1000000001"] * 2


async def test_an_unknown_tracker_is_nothing_there(easypost):
    easypost.router.get(f"{URL}/v2/trackers/trk_0123456789abcdef").respond(404, json=body("error.422"))
    findings = await easypost.fetch("trackers", lookup("SHIPMENT", "SHIPMENT_ID", "trk_0123456789abcdef"))
    assert not findings.found
    assert not findings.unusable


async def test_a_number_never_becomes_a_path(easypost):
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json={"trackers": []})
    await easypost.fetch("trackers", lookup("SHIPMENT", "SHIPMENT_ID", "trk_../../admin"))
    assert [call.request.url.path for call in easypost.router.calls] == ["/v2/trackers/batch"]


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"code": "X", "message": "no"}},
        {"trackers": None},
        {"trackers": {}},
        [],
        {"trackers": [], "has_more": True} | {"trackers": [{}]},
    ],
    ids=["an error inside", "null", "no list", "a list", "only a part"],
)
async def test_a_good_status_with_something_else_inside_is_never_data(easypost, answer):
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json=answer)
    with pytest.raises(UnusableAnswer):
        await easypost.fetch("trackers", parcel("A"))
    assert easypost.http.health().errors_last_minute == 1


async def test_a_wrong_address_is_said(easypost):
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(404)
    with pytest.raises(Missing):
        await easypost.fetch("trackers", parcel("A"))


async def test_one_bad_record_spoils_only_its_own_number(easypost):
    bad = tracker(tracking_code="B")
    del bad["carrier"]
    easypost.router.post(f"{URL}/v2/trackers/batch").respond(json={"trackers": [tracker(tracking_code="A"), bad]})
    findings = await easypost.fetch("trackers", parcel("A"), parcel("B"))
    assert list(findings.found) == [parcel("A")]
    assert findings.unusable == {parcel("B"): "carrier: Field required"}


class TestClaims:
    def pages(self, easypost, *pages):
        answers = [{"claims": claims, "has_more": number < len(pages) - 1} for number, claims in enumerate(pages)]
        return easypost.router.get(f"{URL}/v2/claims").mock(side_effect=[self.response(answer) for answer in answers])

    @staticmethod
    def response(answer):
        return httpx.Response(200, json=answer)

    async def test_they_are_found_by_tracking_code_page_by_page(self, easypost):
        route = self.pages(easypost, [claim(id="clm_1", tracking_code="X")], [claim(id="clm_2", tracking_code="A")])
        findings = await easypost.fetch("claims", lookup("CLAIM", "TRACKING", "A"))
        assert [snapshot.key.id for snapshot in findings.found[lookup("CLAIM", "TRACKING", "A")]] == ["clm_2"]
        assert [call.request.url.params.get("before_id") for call in route.calls] == [None, "clm_1"]

    async def test_finding_none_is_no_answer_if_not_all_could_be_searched(self, easypost):
        self.pages(easypost, [claim(id="clm_1", tracking_code="A")], [claim(id="clm_2")], [claim(id="clm_3")])
        known, unknown = lookup("CLAIM", "TRACKING", "A"), lookup("CLAIM", "TRACKING", "Z")
        findings = await easypost.fetch("claims", known, unknown)
        assert list(findings.found) == [known]
        assert findings.unusable == {unknown: "older claims were not searched"}

    async def test_by_its_own_number(self, easypost):
        name = body("claim.retrieve")["id"]
        easypost.router.get(f"{URL}/v2/claims/{name}").respond(json=claim())
        findings = await easypost.fetch("claims", lookup("CLAIM", "CLAIM", name))
        assert len(findings.found) == 1
