"""The only threads: simulation, recording, jobs. No Qt."""
