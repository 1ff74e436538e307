"""What the doctor says of sources that cannot be asked."""

import pytest

from app.doctor import examine
from app.settings import configure
from tests.app.identity.issuing import EC, RSA, published
from tests.wire.raw_server import RawServer, answer


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


async def callers(tmp_path, **told):
    findings = await examine(configure({"data_dir": str(tmp_path), **told}, {}))
    return {each.part: each for each in findings if each.part.split()[0] in {"callers", "issuer"}}


async def test_it_says_when_nobody_can_prove_who_they_are(tmp_path):
    found = (await callers(tmp_path))["callers"]
    assert (found.is_well, found.says) == (False, "nobody can prove who they are")
    assert "casefold keys new" in found.advice


async def test_a_key_that_is_over_lets_nobody_in(tmp_path):
    over = {"id": "desk", "sha256": "0" * 64, "roles": ["agent"], "not_after": "2026-01-01T00:00:00Z"}
    assert not (await callers(tmp_path, api_keys=[over]))["callers"].is_well


async def test_it_says_who_may_ask_and_whether_keys_of_issuers_can_be_had(tmp_path):
    async with RawServer([published(RSA, EC), answer(404)]) as server:
        issuer = {"audience": "casefold", "jwks_url": server.url}
        issuers = [{**issuer, "issuer": "https://one.example"}]
        found = await callers(tmp_path, issuers=issuers, anonymous=["agent"])
        assert found["callers"].says == "may ask; issuers of tokens: 1; whoever brings no proof, as agent"
        assert (found["issuer https://one.example"].is_well, found["issuer https://one.example"].says) == (
            True,
            "public keys: 2",
        )
        gone = (await callers(tmp_path, issuers=issuers))["issuer https://one.example"]
        assert (gone.is_well, "JWK Set" in gone.says, "check jwks_url" in gone.advice) == (False, True, True)
