"""What is known of a person: handed out, erased, and forgotten in time."""
