"""ONNX models, read as data: no operator of a stranger's file runs but those of a short table."""
