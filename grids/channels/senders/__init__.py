"""One module a channel. `send(letter)` blocks for a while, knows no database and raises nothing it could answer."""
