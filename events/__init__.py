"""The write door: from bytes to settled state. Knows the domain, the sources' inboxes and the store."""
