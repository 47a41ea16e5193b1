"""From a report to the right volunteer on the spot: calls, the offers in them, and how they are answered."""
