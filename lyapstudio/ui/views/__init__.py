"""What is looked at: frames in, pictures out."""
