"""Who is told what when a report moves: turns an event into inbox notifications, once each."""
