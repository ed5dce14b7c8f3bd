"""What the platform costs in time, as ratios that are measured in one run: ``make bench``."""
