"""What browsers load."""
