"""The GraphQL types, one family per file; their plain fields come from the domain models."""
