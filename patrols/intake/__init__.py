"""How positions come in: who may send them, and where they are stored."""
