"""Models run on labelled images: datasets, preprocessing, runners, experiments."""
