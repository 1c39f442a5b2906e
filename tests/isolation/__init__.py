"""Two worlds in lockstep: what a municipality is answered does not depend on what others have."""
