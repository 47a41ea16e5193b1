"""Writes the city that `fixtures.simulation` draws into the database, by COPY."""
