"""The read door: GraphQL over the reader. Knows the domain and the reader, never a source."""
