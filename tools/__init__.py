"""What building, testing and measuring need."""
