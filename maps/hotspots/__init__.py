"""Where more problems are found than chance and patrols explain: statistics, runs, and what they mean on Monday."""
