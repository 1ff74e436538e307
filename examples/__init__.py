"""What clients of the gateway start from: operations, and what is made of them."""
