"""GraphiQL, and what it is built from."""
