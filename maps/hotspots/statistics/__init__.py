"""The statistics of hotspots: plain Python on NumPy and SciPy, without a database."""
