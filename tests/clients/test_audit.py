"""GraphQL over HTTP to the letter, as the audit of `graphql-http` reads it."""


def test_every_point_of_the_audit_is_kept(script):
    with script("audit") as audit:
        points = audit.rest()
    assert len(points) >= 61
    assert [(point["id"], point["name"], point["reason"]) for point in points if point["status"] != "ok"] == []
