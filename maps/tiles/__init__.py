"""Vector tiles: layers are declared, SQL builds the bytes."""
