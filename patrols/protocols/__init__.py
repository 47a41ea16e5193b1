"""What trackers send, read into one form. Pure: no Django, no database; who may send is decided elsewhere."""
