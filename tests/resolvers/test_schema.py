from resolvers.schema import EXPORTED, schema, sdl


def test_the_exported_schema_is_the_schema():
    assert EXPORTED.read_text(encoding="utf-8") == sdl(), "run `make schema` and look at what changed"


def test_every_type_and_section_field_says_what_it_is():
    silent = [
        name for name, kind in schema._schema.type_map.items() if not name.startswith("__") and not kind.description
    ]
    assert silent == []
