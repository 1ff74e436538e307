import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.epcis import codes
from sources.epcis.vocabulary import Vocabulary, word

CBV = json.loads(Path(__file__).with_name("payloads").joinpath("cbv-2.0-words.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("term", "vocabulary", "expected"),
    [
        ("shipping", Vocabulary.STEP, "shipping"),
        ("urn:epcglobal:cbv:bizstep:staging_outbound", Vocabulary.STEP, "staging_outbound"),
        ("https://ref.gs1.org/cbv/BizStep-shipping", Vocabulary.STEP, "shipping"),
        ("https://ns.gs1.org/cbv/BizStep-shipping", Vocabulary.STEP, "shipping"),
        ("cbv:BizStep-shipping", Vocabulary.STEP, "shipping"),
        ("urn:epcglobal:cbv:disp:in_transit", Vocabulary.DISPOSITION, "in_transit"),
        ("https://ref.gs1.org/cbv/Disp-in_transit", Vocabulary.DISPOSITION, "in_transit"),
        ("urn:epcglobal:cbv:btt:desadv", Vocabulary.TRANSACTION_TYPE, "desadv"),
        ("https://ref.gs1.org/cbv/BTT-desadv", Vocabulary.TRANSACTION_TYPE, "desadv"),
    ],
)
def test_each_spelling_of_a_term(term, vocabulary, expected):
    assert word(term, vocabulary) == expected


@pytest.mark.parametrize(
    "term",
    [
        "https://ref.gs1.org/cbv/Disp-shipping",
        "urn:epcglobal:cbv:disp:shipping",
        "https://example.com/cbv/BizStep-shipping",
        "https://ref.gs1.org/cbv/BizStep-",
        "ext1:summarising_discharge",
    ],
)
def test_a_term_of_another_vocabulary_stays_as_it_is(term):
    assert word(term, Vocabulary.STEP) == term


@given(st.text(), st.sampled_from(Vocabulary))
def test_no_text_breaks_it(term, vocabulary):
    assert term.endswith(word(term, vocabulary))


TABLES = [
    ("bizStep", [codes.STATUS, codes.SETBACK, codes.STEP_IGNORED]),
    ("disposition", [codes.DISPOSITION, codes.DISPOSITION_STOPS, codes.DISPOSITION_IGNORED]),
    ("bizTransaction-type", [codes.SCHEME, codes.TRANSACTION_TYPE_IGNORED]),
]


@pytest.mark.parametrize(("name", "tables"), TABLES, ids=[name for name, _ in TABLES])
def test_each_word_that_is_published_is_in_one_table(name, tables):
    assert sorted(each for table in tables for each in table) == sorted(CBV[name])
