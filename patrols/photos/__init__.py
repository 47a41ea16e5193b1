"""Photos of reports: read in a child process, stored without anything but their pixels, shown within scope."""
