"""Only gateways that would give the same answers take any from each other."""

import json

import pytest

from app import generation
from app.generation import generation_of
from app.settings import configure
from resolvers.documents import document_id

TABLE = {
    "deadline": "PT1S",
    "sources": [{"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1"}],
}


def test_the_same_settings_are_the_same_generation():
    assert generation_of(configure(TABLE, {})) == generation_of(configure(json.loads(json.dumps(TABLE)), {"HOME": "/"}))


@pytest.mark.parametrize(
    ("table", "environment"),
    [
        pytest.param(TABLE | {"deadline": "PT2S"}, {}, id="another setting"),
        pytest.param(TABLE | {"sources": []}, {}, id="other sources"),
        pytest.param(TABLE, {"CASEFOLD_DEADLINE": "PT2S"}, id="another variable"),
    ],
)
def test_other_settings_are_another(table, environment):
    assert generation_of(configure(table, environment)) != generation_of(configure(TABLE, {}))


def test_so_are_other_documents(tmp_path):
    manifest, found = tmp_path / "documents.json", set()
    for text in ("{ __typename }", "{ sources { id } }"):
        manifest.write_text(json.dumps({document_id(text): text}))
        found.add(generation_of(configure(TABLE | {"graphql": {"documents": [str(manifest)]}}, {})))
    assert len(found) == 2


def test_so_is_another_program(tmp_path, monkeypatch):
    configuration = configure(TABLE, {})
    before = generation_of(configuration)
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "rule.py").write_text("x = 1")
    monkeypatch.setattr(generation, "HERE", tmp_path)
    generation._program.cache_clear()
    changed = generation_of(configuration)
    (tmp_path / "domain" / "rule.py").write_text("x = 2")
    generation._program.cache_clear()
    assert len({before, changed, generation_of(configuration)}) == 3
    generation._program.cache_clear()
