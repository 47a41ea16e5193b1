"""Backup and restore: the database and the photos of one moment in one file."""
