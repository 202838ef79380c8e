"""What a person sees: reports, progress, screens."""
