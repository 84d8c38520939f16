"""Where a report comes from: its sources, manifest, crate, and the way back from a number."""
