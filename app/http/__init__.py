"""The HTTP routes: thin."""
