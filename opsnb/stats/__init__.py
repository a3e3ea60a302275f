"""Statistics: arrays and frames in, frames out; no disk, no plots, no company."""
