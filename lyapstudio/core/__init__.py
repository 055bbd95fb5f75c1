"""The vocabulary: parameters, models, frames, kernels. Needs numpy and nothing else at import."""
