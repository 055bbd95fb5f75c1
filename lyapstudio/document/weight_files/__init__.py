"""Weights in files: NPY, NPZ, CSV and Matrix Market, read without trust and written exactly."""
