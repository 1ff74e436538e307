"""What is known of upstream systems. Knows the domain; is given its ways to ask, and knows no upstream system."""
