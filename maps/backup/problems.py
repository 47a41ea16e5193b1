"""What can go wrong with a backup, said in one sentence."""


class BackupError(Exception):
    """A backup or restore that cannot go on; its text is one sentence for whoever runs the command."""
