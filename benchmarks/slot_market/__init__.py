"""The market that the slots are asked of: drawn, judged by brute force, and served."""
