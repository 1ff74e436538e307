"""Who asks: what proves it, and what is kept on record of it."""
